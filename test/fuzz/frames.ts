import { ADA } from '../unit/memory-world.ts';
import { startSockets, type SocketService } from '../integration/sockets/socket-service.ts';
import { heapBytes } from './heap.ts';
import { hostileFrames, type HostileFrames } from './hostile-frames.ts';
import { RawSocket, textFrame } from './raw-socket.ts';

/** What became of hostile frames. */
export interface FrameFuzz {
  readonly cases: number;
  readonly failures: readonly string[];
  /** How many connections were opened, most of them because the one before was closed. */
  readonly connections: number;
  readonly grownBytes: number;
  readonly longestMs: number;
}

const PATHS = ['/api/v1/ws/lobby', `/api/v1/ws/health-analysis/${ADA}`];
/** More than anybody can send: it is frames that are looked at here, not how many of them there may be. */
const SETTINGS = { messagesAMinute: 1_000_000_000, connectionsAPerson: 100 };
const WARM_UP = 500;
const LOOK_EVERY = 100;

/** Sends the frames on an open socket. Null where what came of it is right, otherwise what came. */
async function outcomeOf(socket: RawSocket, { bytes, expected }: HostileFrames, stamp: string): Promise<string | null> {
  socket.write(bytes);
  if (expected === 'any') {
    socket.end();
    return null;
  }
  const isHeard = expected === 'heard' || expected === 'borne';
  if (isHeard) socket.write(textFrame(JSON.stringify({ type: 'heartbeat', client_timestamp: stamp })));
  for (;;) {
    const told = await socket.next();
    if (told.kind === 'closed') {
      const isRight = told.code === expected || (expected === 'borne' && told.code === null);
      return isRight ? null : `closed with ${String(told.code)}`;
    }
    if (told.kind === 'text' && told.text.includes(stamp) && isHeard) return null;
  }
}

/**
 * Sends `count` hostile messages to both sockets of a service in this process, each made of the seed and its number. Every
 * one must be answered, or end its connection with the right code; somebody else in the room must not notice; and when all
 * are gone nothing of them may be left.
 */
export async function fuzzFrames(count: number, seed: number): Promise<FrameFuzz> {
  const service = await startSockets({ settings: SETTINGS });
  try {
    return await withBystander(service, count, seed);
  } finally {
    await service.close();
  }
}

async function withBystander(service: SocketService, count: number, seed: number): Promise<FrameFuzz> {
  const port = Number(new URL(service.url).port);
  const bystander = service.open(PATHS[0]!, 'bob');
  await bystander.nextOf('connection_ack');
  const failures: string[] = [];
  const open: (RawSocket | null)[] = [null, null];
  let connections = 0;
  let longestMs = 0;
  let before = 0;
  for (let number = 0; number < count; number++) {
    if (number === Math.min(WARM_UP, count - 1)) before = heapBytes();
    const which = number % PATHS.length;
    let socket = open[which] ?? null;
    if (socket === null) {
      socket = new RawSocket(port, `${PATHS[which]!}?token=ada`);
      connections++;
    }
    const frames = hostileFrames(seed, number);
    const startedMs = performance.now();
    const failure = await outcomeOf(socket, frames, `case ${String(number)}`);
    longestMs = Math.max(longestMs, performance.now() - startedMs);
    if (failure !== null) failures.push(`${frames.kind}, case ${String(number)} of seed ${String(seed)}: ${failure}`);
    if (frames.expected !== 'heard' || failure !== null) socket.destroy();
    open[which] = frames.expected !== 'heard' || failure !== null ? null : socket;
    if (number % LOOK_EVERY === 0) await bystander.soFar();
    // What the log keeps is the test’s, not the service’s.
    (service.log as string[]).length = 0;
  }
  for (const socket of open) socket?.destroy();
  while (service.sockets.count() > 1) await new Promise((resolve) => setImmediate(resolve));
  await bystander.soFar();
  return { cases: count, failures, connections, grownBytes: heapBytes() - before, longestMs };
}
