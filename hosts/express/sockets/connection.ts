import type { Logger } from 'pino';
import type { ServerFrameContent } from '../../../contracts/events/frames.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { Ids, UserId } from '../../../core/kernel/ids.ts';
import type { ReportError } from '../../wiring/observe/report-errors.ts';
import { isoUtc } from '../endpoints/wire-values.ts';
import { CLOSE, type CloseWords, type SocketSettings } from './settings.ts';
import type { Cancel, Timers } from './timers.ts';

/** The other end, as a WebSocket of `ws` is. */
export interface Peer {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(text: string, done: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly settings: SocketSettings;
  readonly reportError?: ReportError | undefined;
}

/** Work on frames of one lane is done in the order in which they came. */
export type Lane = 'talk' | 'analysis';

/** Why the peer is not read. */
type Pause = 'unread' | 'in-work' | 'ending';

/** One open connection of one person: sends, keeps order, notices silence, and neither drowns nor is drowned. */
export class Connection {
  readonly id: string;
  readonly user: UserId;
  readonly #peer: Peer;
  readonly #deps: ConnectionDeps;
  readonly #cancelled = new AbortController();
  readonly #beats: Cancel;
  readonly #pauses = new Set<Pause>();
  readonly #lanes = new Map<Lane, Promise<void>>();
  readonly #whenIdle: (() => void)[] = [];
  #inWork = 0;
  #missedPings = 0;
  #lastHeardMs: number;
  #isOpen = true;
  #terminating: Cancel | null = null;
  #endedBecause: string | null = null;

  constructor(peer: Peer, user: UserId, deps: ConnectionDeps) {
    this.id = deps.ids.uuid();
    this.user = user;
    this.#peer = peer;
    this.#deps = deps;
    this.#lastHeardMs = deps.clock.now();
    this.#beats = deps.timers.every(deps.settings.heartbeatMs, () => {
      this.#beat();
    });
  }

  /** False from the moment that either side began to close. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Why this side ended the connection; null where it did not. */
  get endedBecause(): string | null {
    return this.#endedBecause;
  }

  /** Aborted when the connection closes. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Sends a frame, with its time and an id. Nothing happens once the connection closes. */
  send(content: ServerFrameContent): void {
    this.sendText(stamped(content, this.#deps));
  }

  /** Sends the JSON of a frame. */
  sendText(text: string): void {
    if (!this.#isOpen) return;
    const { slowBytes, deafBytes } = this.#deps.settings;
    this.#peer.send(text, () => {
      if (this.#peer.bufferedAmount <= slowBytes / 2) this.#resume('unread');
    });
    if (this.#peer.bufferedAmount > deafBytes) this.end(CLOSE.tooSlow);
    else if (this.#peer.bufferedAmount > slowBytes) this.#pause('unread');
  }

  /** The client said something. */
  heard(): void {
    this.#lastHeardMs = this.#deps.clock.now();
    this.#missedPings = 0;
  }

  /** The client answered a ping: it is there, though it may have nothing to say. */
  ponged(): void {
    this.#missedPings = 0;
  }

  /** Does the work after what was begun before it in its lane. What it throws ends the connection. */
  inOrder(lane: Lane, work: () => Promise<void>): void {
    this.#inWork += 1;
    if (this.#inWork >= this.#deps.settings.mostFramesInWork) this.#pause('in-work');
    const done = (this.#lanes.get(lane) ?? Promise.resolve())
      .then(work)
      .catch((cause: unknown) => {
        this.#deps.logger.error({ err: cause }, 'a socket failed');
        this.#deps.reportError?.(cause, { place: 'socket' });
        this.end(CLOSE.serverError);
      })
      .then(() => {
        this.#inWork -= 1;
        this.#lastHeardMs = this.#deps.clock.now();
        if (this.#inWork < this.#deps.settings.mostFramesInWork) this.#resume('in-work');
        if (this.#inWork === 0) for (const tell of this.#whenIdle.splice(0)) tell();
      });
    this.#lanes.set(lane, done);
  }

  /** Resolves when nothing is in work. */
  idle(): Promise<void> {
    return this.#inWork === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#whenIdle.push(resolve);
        });
  }

  /** Takes nothing more from the client. */
  stopListening(): void {
    this.#pause('ending');
  }

  /** Says why, and closes; a client that does not answer is cut off. */
  end([code, reason]: CloseWords): void {
    if (!this.#isOpen) return;
    this.#stop();
    this.#endedBecause = reason;
    this.#peer.close(code, reason);
    // The client's answer has to be read.
    if (this.#pauses.size > 0) this.#peer.resume();
    this.#pauses.clear();
    this.#terminating = this.#deps.timers.after(this.#deps.settings.closeMs, () => {
      this.#peer.terminate();
    });
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#stop();
    this.#peer.terminate();
  }

  /** The connection is closed. */
  closed(): void {
    this.#stop();
    this.#terminating?.();
  }

  #stop(): void {
    this.#isOpen = false;
    this.#beats();
    this.#cancelled.abort();
  }

  #beat(): void {
    const { idleMs, mostMissedPings } = this.#deps.settings;
    // While frames are in work it is this side that keeps the other waiting, and does not read its pongs.
    if (this.#inWork > 0) return;
    if (this.#deps.clock.now() - this.#lastHeardMs >= idleMs) this.end(CLOSE.timeout);
    else if (this.#missedPings >= mostMissedPings) this.end(CLOSE.heartbeatFailed);
    else {
      this.#missedPings += 1;
      this.#peer.ping();
      this.send({ type: 'heartbeat' });
    }
  }

  #pause(why: Pause): void {
    if (this.#pauses.size === 0 && this.#isOpen) this.#peer.pause();
    this.#pauses.add(why);
  }

  #resume(why: Pause): void {
    if (this.#pauses.delete(why) && this.#pauses.size === 0) this.#peer.resume();
  }
}

/** The JSON of a frame that is sent now. */
export const stamped = (
  { type, ...content }: ServerFrameContent,
  { clock, ids }: Pick<ConnectionDeps, 'clock' | 'ids'>,
): string => JSON.stringify({ type, timestamp: isoUtc(clock.now()), message_id: ids.uuid(), ...content });
