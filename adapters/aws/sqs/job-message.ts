import type { Job } from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { processingId, type ProcessingId, userId, type UserId } from '../../../core/kernel/ids.ts';
import type { BodyPointer } from './large-bodies.ts';
import type { MessageAttributes } from './sqs-queue.ts';

/** Bytes of a message, body and attributes together. SQS may be set to take more, but need not be. */
export const MOST_MESSAGE_BYTES = 262_144;

/** SQS takes so many attributes with a message. */
const MOST_ATTRIBUTES = 10;

/** Attributes are there to be filtered by and shown; a text that is longer is no id of anybody's. */
const LONGEST_ATTRIBUTE = 1024;

/** What a message's body says. */
export type MessageContent =
  | { readonly kind: 'job'; readonly id: string; readonly owner: UserId; readonly upload: ProcessingId }
  /** Of a sender that knows no job ids, such as the older service. */
  | { readonly kind: 'nameless-job'; readonly owner: UserId; readonly upload: ProcessingId }
  | { readonly kind: 'elsewhere'; readonly pointer: BodyPointer }
  | { readonly kind: 'unusable'; readonly reason: string };

/**
 * The body of a job's message: the fields of the older service's messages, and the job's id. ASCII, because SQS refuses
 * some characters.
 */
export function bodyOf({ id, owner, upload }: Pick<Job, 'id' | 'owner' | 'upload'>, enqueuedAtMs: EpochMs): string {
  const fields = {
    user_id: owner,
    upload_id: upload,
    s3_path: '',
    timestamp: new Date(enqueuedAtMs).toISOString(),
    metadata: {},
    job_id: id,
  };
  return asciiJson(fields);
}

/** The body of a message whose own body lies in the object store. */
export const pointerBodyOf = (pointer: BodyPointer): string => asciiJson(pointer);

const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The attributes of the older service's messages. */
export const attributesOf = (owner: UserId, upload: ProcessingId): MessageAttributes => ({
  ...textAttribute('user_id', owner),
  ...textAttribute('upload_id', upload),
  ...textAttribute('event_type', 'health_data_upload'),
});

/** The attributes with the reason why the message is where it is. */
export function withReason(attributes: MessageAttributes, reason: string): MessageAttributes {
  const others = Object.entries(attributes).filter(([name]) => name !== 'reason');
  return {
    ...Object.fromEntries(others.slice(0, MOST_ATTRIBUTES - 1)),
    ...textAttribute('reason', reason.slice(0, LONGEST_ATTRIBUTE) || 'not told'),
  };
}

/** None where the text is not what SQS takes as an attribute's value. */
function textAttribute(name: string, text: string): MessageAttributes {
  if (text === '' || text.length > LONGEST_ATTRIBUTE) return {};
  const value = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return { [name]: { DataType: 'String', StringValue: value } };
}

/** The size that SQS counts. */
export function messageBytes(text: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(text);
  for (const [name, { DataType: type = '', StringValue: value, BinaryValue: binary }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(type) + Buffer.byteLength(value ?? '') + (binary?.length ?? 0);
  }
  return bytes;
}

/** Reads a body, of this service or of the older one. Never throws. */
export function readBody(text: string): MessageContent {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'unusable', reason: 'the body is not JSON' };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { kind: 'unusable', reason: 'the body is not a JSON object' };
  }
  const pointer = pointerIn(body);
  if (pointer !== null) return { kind: 'elsewhere', pointer };
  const { user_id: owner, upload_id: upload, job_id: id } = body as Readonly<Record<string, unknown>>;
  if (!isId(owner)) return { kind: 'unusable', reason: 'user_id is not a text' };
  if (!isId(upload)) return { kind: 'unusable', reason: 'upload_id is not a text' };
  const work = { owner: userId(owner), upload: processingId(upload) };
  if (id === undefined) return { kind: 'nameless-job', ...work };
  return isId(id) ? { kind: 'job', id, ...work } : { kind: 'unusable', reason: 'job_id is not a text' };
}

/** Half a character has no UTF-8 form, and DynamoDB would keep another text. */
const isId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value);

function pointerIn(body: object): BodyPointer | null {
  const { s3_bucket, s3_key, sha256, bytes } = body as Readonly<Record<string, unknown>>;
  return typeof s3_bucket === 'string' &&
    typeof s3_key === 'string' &&
    typeof sha256 === 'string' &&
    typeof bytes === 'number'
    ? { s3_bucket, s3_key, sha256, bytes }
    : null;
}
