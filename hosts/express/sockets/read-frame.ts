import * as E from 'fp-ts/lib/Either.js';
import type { Mixed } from 'io-ts';
import { err, ok, type Result } from 'neverthrow';
import { issuesOf, type CodecIssue } from '../../../contracts/codec.ts';
import { MOST_DATA_POINTS, type ClientFrame, type FrameErrorCode } from '../../../contracts/events/frames.ts';
import { SOCKETS } from '../../../contracts/sockets.ts';
import type { SocketSettings } from './settings.ts';

/** Why a frame is not worked on: what an `error` frame says. */
export interface FrameRefusal {
  readonly errorCode: FrameErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A frame that carries readings: where they are, and how it is said that they are wrong. */
interface HealthPayload {
  readonly key: string;
  /** The payload is no object with a list of readings. */
  readonly badPayload: FrameErrorCode;
  /** Something in it is wrong. */
  readonly badData: FrameErrorCode;
}

const HEALTH_PAYLOADS: ReadonlyMap<string, HealthPayload> = new Map([
  [
    'health_insight',
    { key: 'content', badPayload: 'INVALID_HEALTH_INSIGHT_CONTENT', badData: 'INVALID_HEALTH_INSIGHT_DATA' },
  ],
  ['health_data', { key: 'data', badPayload: 'INVALID_HEALTH_DATA_PAYLOAD', badData: 'INVALID_HEALTH_DATA' }],
]);

/** As many wrong places are named; all are counted. */
const MOST_PLACES = 20;

/** Reads a text frame of a socket, or says why it cannot be worked on. */
export function readFrame(
  socket: keyof typeof SOCKETS,
  bytes: Uint8Array,
  limits: Pick<SocketSettings, 'mostMessageBytes' | 'mostHealthBytes'>,
): Result<ClientFrame, FrameRefusal> {
  if (bytes.byteLength > limits.mostHealthBytes) return tooLarge(bytes, limits.mostHealthBytes);
  const isLarge = bytes.byteLength > limits.mostMessageBytes;
  const value = jsonOf(bytes);
  if (value === undefined) {
    return isLarge
      ? tooLarge(bytes, limits.mostMessageBytes)
      : err({ errorCode: 'INVALID_JSON', message: 'The frame is not JSON.' });
  }
  const frame = objectOf(value);
  const type = frame?.['type'];
  const payload = typeof type === 'string' ? HEALTH_PAYLOADS.get(type) : undefined;
  if (isLarge && payload === undefined) return tooLarge(bytes, limits.mostMessageBytes);
  if (frame === null) {
    return parseError(
      [{ pointer: '', message: 'expected an object with a type', code: 'invalid' }],
      'MESSAGE_PARSE_ERROR',
    );
  }
  const known: Readonly<Record<string, Mixed>> = SOCKETS[socket].clientFrames;
  if (typeof type !== 'string' || !Object.hasOwn(known, type)) {
    return err({
      errorCode: 'UNKNOWN_MESSAGE_TYPE',
      message: `The type of a frame is one of ${Object.keys(known).join(', ')}.`,
      details: { supported: Object.keys(known) },
    });
  }
  return (payload === undefined ? ok(undefined) : lookAtReadings(frame[payload.key], payload)).andThen(() => {
    const decoded = known[type]?.decode(frame);
    if (decoded !== undefined && E.isRight(decoded)) return ok(decoded.right as ClientFrame);
    const issues = decoded === undefined ? [] : issuesOf(decoded.left);
    const isOfPayload = ({ pointer }: CodecIssue): boolean =>
      payload !== undefined && pointer.startsWith(`/${payload.key}/`);
    return parseError(
      issues,
      payload !== undefined && issues.every(isOfPayload) ? payload.badData : 'MESSAGE_PARSE_ERROR',
    );
  });
}

/** Undefined, which no JSON is, for what is none. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;

function lookAtReadings(value: unknown, { key, badPayload }: HealthPayload): Result<undefined, FrameRefusal> {
  const points = objectOf(value)?.['data_points'];
  if (!Array.isArray(points)) {
    return err({
      errorCode: badPayload,
      message: `/${key} is not an object with a list data_points of {timestamp, value}.`,
    });
  }
  if (points.length <= MOST_DATA_POINTS) return ok(undefined);
  return err({
    errorCode: 'TOO_MANY_DATA_POINTS',
    message: `${String(points.length)} data points were sent; at most ${String(MOST_DATA_POINTS)} are analysed at once.`,
    details: { data_points: points.length, most_data_points: MOST_DATA_POINTS },
  });
}

const tooLarge = (bytes: Uint8Array, mostBytes: number): Result<never, FrameRefusal> =>
  err({
    errorCode: 'MESSAGE_TOO_LARGE',
    message: `The frame has ${String(bytes.byteLength)} bytes; at most ${String(mostBytes)} are read.`,
    details: { bytes: bytes.byteLength, most_bytes: mostBytes },
  });

function parseError(issues: readonly CodecIssue[], errorCode: FrameErrorCode): Result<never, FrameRefusal> {
  return err(refusalOf(issues, errorCode));
}

/** Names the wrong places of a frame, the first of them where there are many. */
export function refusalOf(issues: readonly CodecIssue[], errorCode: FrameErrorCode): FrameRefusal {
  const named = issues.slice(0, MOST_PLACES);
  const words = named.slice(0, 3).map(({ pointer, message }) => `${pointer === '' ? 'the frame' : pointer} ${message}`);
  const rest = issues.length - words.length;
  return {
    errorCode,
    message: `${words.join('; ')}${rest > 0 ? `; and ${String(rest)} more` : ''}.`,
    details: { errors: named, error_count: issues.length },
  };
}
