import type { ClientFrame, ServerFrameContent } from '../../../contracts/events/frames.ts';
import { isoUtc } from '../endpoints/wire-values.ts';

/** What one kind of socket does with what comes over it. */
export interface SocketHandler {
  /** The connection is open and acknowledged. */
  opened(): void;
  /** A frame of those that the socket knows; `raw` is what it was read from. Heartbeats do not come here. */
  frame(frame: ClientFrame, raw: Uint8Array): void;
  /** The connection is closed. Resolves when everybody was told. */
  closed(): Promise<void>;
}

/** The answer to a heartbeat. */
export const heartbeatAck = (
  clientTimestamp: string | number | null | undefined,
  nowMs: number,
): ServerFrameContent => ({
  type: 'heartbeat_ack',
  server_timestamp: isoUtc(nowMs),
  ...(clientTimestamp === undefined ? {} : { client_timestamp: clientTimestamp }),
});
