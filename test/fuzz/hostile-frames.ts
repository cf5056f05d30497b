import { randomStream, type RandomStream } from '../../core/simulation/random.ts';
import { mutatedJson, pick, randomJson, randomText } from './json-values.ts';
import { frameBytes, OPCODE, textFrame } from './raw-socket.ts';

/** Bytes for an open socket, and what must come of them. */
export interface HostileFrames {
  readonly kind: string;
  readonly bytes: Buffer;
  /**
   * `heard`: the connection stays, and what comes next is heard. A number: the service closes with this code. `borne`: it
   * stays, or is cut off without a word. `any`: the client leaves after it, and only the others may not notice.
   */
  readonly expected: 'heard' | 'borne' | 'any' | number;
}

const READING = { timestamp: '2025-01-06T08:30:00+01:00', value: 12 };
/** A frame of each type, those of both sockets. */
const GOOD: readonly object[] = [
  { type: 'message', content: 'How am I?', metadata: { a: [1] } },
  { type: 'typing', is_typing: true, message_id: 'm' },
  { type: 'heartbeat', client_timestamp: '2025-03-03T12:00:00Z' },
  { type: 'heartbeat_ack', server_timestamp: 'x' },
  { type: 'health_insight', content: { data_points: [READING, READING], timezone: 'UTC' } },
  { type: 'health_data', data: { data_points: [READING], steps: [1] } },
];

type Make = (random: RandomStream) => HostileFrames;

/** JSON that has been tampered with, and text that is none: whatever it says, it is answered. */
function tampered(random: RandomStream): HostileFrames {
  const value = random.chance(0.12) ? randomJson(random) : mutatedJson(random, pick(random, GOOD));
  let text = JSON.stringify(value);
  const harm = random.uniform();
  if (harm < 0.1) text = text.slice(0, random.wholeBetween(0, text.length));
  else if (harm < 0.2) text += randomText(random);
  return { kind: 'tampered JSON', bytes: textFrame(text), expected: 'heard' };
}

const some = (random: RandomStream, most = 200): Buffer =>
  Buffer.from(Array.from({ length: random.wholeBetween(1, most) }, () => random.wholeBetween(32, 126)));

const closes = (code: number, kind: string, ...frames: readonly Buffer[]): HostileFrames => ({
  kind,
  bytes: Buffer.concat(frames),
  expected: code,
});

const closeFrame = (payload: Uint8Array): Buffer => frameBytes({ opcode: OPCODE.close, payload });

const NOT_UTF8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]];
const TOO_LONG = [
  2n * 1024n * 1024n + 1n,
  2n ** 31n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

/** What breaks the rules of RFC 6455, or this service’s own, and the code that it is closed with. */
const BROKEN: readonly Make[] = [
  (random) =>
    closes(
      1002,
      'reserved bits',
      frameBytes({ opcode: 1, payload: some(random), reserved: random.wholeBetween(1, 7) }),
    ),
  (random) =>
    closes(
      1002,
      'unknown opcode',
      frameBytes({ opcode: pick(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: some(random) }),
    ),
  (random) => closes(1002, 'not masked', frameBytes({ opcode: 1, payload: some(random), isMasked: false })),
  (random) =>
    closes(
      1002,
      'a control frame in parts',
      frameBytes({ opcode: pick(random, [8, 9, 10]), payload: some(random, 100), isLast: false }),
    ),
  (random) =>
    closes(
      1002,
      'a long control frame',
      frameBytes({ opcode: pick(random, [8, 9, 10]), payload: Buffer.alloc(random.wholeBetween(126, 1000)) }),
    ),
  (random) => closes(1002, 'a part of nothing', frameBytes({ opcode: 0, payload: some(random) })),
  (random) =>
    closes(
      1002,
      'a new message in another',
      frameBytes({ opcode: 1, payload: some(random), isLast: false }),
      frameBytes({ opcode: 1, payload: some(random) }),
    ),
  (random) =>
    closes(
      1007,
      'not UTF-8',
      frameBytes({ opcode: 1, payload: Buffer.from([...some(random), ...pick(random, NOT_UTF8)]) }),
    ),
  (random) =>
    closes(1009, 'too long', frameBytes({ opcode: 1, payload: some(random), length: pick(random, TOO_LONG) })),
  (random) => closes(1003, 'binary', frameBytes({ opcode: 2, payload: some(random) })),
  () => closes(1002, 'half a close code', closeFrame(Buffer.from([3]))),
  (random) => {
    const code = Buffer.alloc(2);
    code.writeUInt16BE(pick(random, [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535]));
    return closes(1002, 'a close code that there is not', closeFrame(code));
  },
  (random) =>
    closes(1007, 'a reason that is not UTF-8', closeFrame(Buffer.from([0x03, 0xe8, ...pick(random, NOT_UTF8)]))),
  () => closes(1000, 'a good close', closeFrame(Buffer.from([0x03, 0xe8]))),
];

/** In parts, with pings between them. */
function inParts(random: RandomStream): HostileFrames {
  const payload = Buffer.from(JSON.stringify({ type: 'heartbeat', client_timestamp: randomText(random).slice(0, 60) }));
  const frames: Buffer[] = [];
  let at = 0;
  while (at < payload.length) {
    const end = Math.min(payload.length, at + random.wholeBetween(0, 20));
    const opcode = frames.length === 0 ? OPCODE.text : OPCODE.continuation;
    frames.push(frameBytes({ opcode, payload: payload.subarray(at, end), isLast: false }));
    if (random.chance(0.3)) frames.push(frameBytes({ opcode: OPCODE.ping, payload: some(random, 20) }));
    // An empty first part is followed by other parts, and is not begun again.
    if (frames.length > 200) break;
    at = end;
  }
  frames.push(frameBytes({ opcode: OPCODE.continuation, payload: payload.subarray(at) }));
  return { kind: 'in parts', bytes: Buffer.concat(frames), expected: 'heard' };
}

/** The service answers pings. Whoever does not wait for the answers is cut off at some point. */
const MOST_PINGS = 50;

function flood(random: RandomStream): HostileFrames {
  const opcode = pick(random, [OPCODE.ping, OPCODE.pong]);
  const count = random.wholeBetween(1, 400);
  const frame = frameBytes({ opcode, payload: some(random, 125) });
  const expected = opcode === OPCODE.ping && count > MOST_PINGS ? 'borne' : 'heard';
  return { kind: 'pings or pongs', bytes: Buffer.concat(Array<Buffer>(count).fill(frame)), expected };
}

/** Frames that end too early, and bytes that are turned. */
function damaged(random: RandomStream): HostileFrames {
  const whole = random.chance(0.5) ? tampered(random).bytes : pick(random, BROKEN)(random).bytes;
  if (random.chance(0.4))
    return { kind: 'cut short', bytes: whole.subarray(0, random.wholeBetween(0, whole.length - 1)), expected: 'any' };
  const bytes = Buffer.from(whole);
  for (let i = random.wholeBetween(1, 6); i > 0; i--) {
    bytes[random.wholeBetween(0, Math.min(13, bytes.length - 1))] = random.wholeBetween(0, 255);
  }
  return { kind: 'bytes turned', bytes, expected: 'any' };
}

/** The case of this number: more than half of them are JSON that is heard, the others break the rules of frames. */
export function hostileFrames(seed: number, number: number): HostileFrames {
  const random = randomStream(seed, 'frames', number);
  const choice = random.uniform();
  if (choice < 0.55) return tampered(random);
  if (choice < 0.8) return pick(random, BROKEN)(random);
  if (choice < 0.86) return inParts(random);
  if (choice < 0.9) return flood(random);
  return damaged(random);
}
