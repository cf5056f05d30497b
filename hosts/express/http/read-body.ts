import type { IncomingMessage } from 'node:http';
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import type { HttpError } from './endpoint-error.ts';
import { DEEPEST_JSON, isDeeperThan } from './json-depth.ts';

const JSON_TYPES = /^application\/(?:[a-z0-9.+-]+\+)?json$/i;

/** The media type of a request, without parameters, in lower case. */
export const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/**
 * The refusal of a body that is compressed as a whole; null for one that is not. A few bytes could become more than there
 * is room for, and what clients send that is large, such as an export, is compressed in itself.
 */
export function compressedBody(request: IncomingMessage): HttpError | null {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return null;
  // What the client wrote is not sent back unread.
  const given = /^[a-z0-9, -]{1,40}$/.test(encoding) ? `Content-Encoding ${encoding}` : 'This Content-Encoding';
  return { kind: 'unsupported-media-type', given, supported: ['the body without Content-Encoding'] };
}

/** Whether a length that is announced is already too much. */
export const announcesMoreThan = (request: IncomingMessage, limitBytes: number): boolean =>
  Number(request.headers['content-length'] ?? 0) > limitBytes;

/** A JSON body, with the bytes it was made of. */
export interface JsonBody {
  readonly raw: Uint8Array;
  /** Undefined for an empty body. */
  readonly value: unknown;
}

/** Reads a JSON body of at most `limitBytes`, counting while it reads. */
export function readJson(
  request: IncomingMessage,
  limitBytes: number,
): ResultAsync<JsonBody, HttpError | InputRejected> {
  const compressed = compressedBody(request);
  if (compressed !== null) return errAsync(compressed);
  const mediaType = mediaTypeOf(request);
  if (mediaType !== '' && !JSON_TYPES.test(mediaType)) {
    return errAsync({ kind: 'unsupported-media-type', given: mediaType, supported: ['application/json'] });
  }
  if (announcesMoreThan(request, limitBytes)) return errAsync({ kind: 'body-too-large', limitBytes });
  return ResultAsync.fromPromise(readAll(request, limitBytes), (): HttpError => ({ kind: 'client-gone' }))
    .andThen((read) => read)
    .andThen(parse);
}

async function readAll(request: IncomingMessage, limitBytes: number): Promise<Result<Buffer, HttpError>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) return err({ kind: 'body-too-large', limitBytes });
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}

function parse(raw: Buffer): Result<JsonBody, HttpError | InputRejected> {
  if (raw.length === 0) return ok({ raw, value: undefined });
  if (isDeeperThan(raw, DEEPEST_JSON)) return err(TOO_DEEP);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    return ok({ raw, value: JSON.parse(text) as unknown });
  } catch (cause) {
    const where = cause instanceof SyntaxError ? placeIn(cause.message) : 'it is not UTF-8 text';
    return err({ kind: 'malformed-json', reason: `The body could not be read as JSON: ${where}.` });
  }
}

const TOO_DEEP = inputRejected({
  pointer: '',
  message: `is nested more than ${String(DEEPEST_JSON)} deep`,
  code: 'too_deep',
});

/** Only the position is passed on: the parser's message would repeat the client's data. */
function placeIn(message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? 'it ends too early or is not JSON' : `unexpected character at position ${position}`;
}
