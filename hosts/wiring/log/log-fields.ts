import { WATCHED_FACTS } from '../watched-facts.ts';
import { embeddedMetadata } from './embedded-metric.ts';
import { errorReport } from './error-report.ts';
import { keptRequestId } from './kept-request-id.ts';
import { operatorWords } from './operator-words.ts';

/** What of a value may be in the log; undefined where it has not the shape that its field has. */
type Shape = (value: unknown) => unknown;

const textLike =
  (pattern: RegExp): Shape =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;

const NUMBER: Shape = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const YES_OR_NO: Shape = (value) => (typeof value === 'boolean' ? value : undefined);
/** Such as `port-unavailable`, `too_large` or `ETIMEDOUT`: a word of the code's own or of the platform's. */
const CODE = textLike(/^[A-Za-z][A-Za-z0-9]{0,40}(?:[-_][A-Za-z0-9]{1,40}){0,7}$/);
/** `analysis.completed`. */
const EVENT = textLike(/^[a-z]{1,20}(?:[._][a-z]{1,20}){1,3}$/);
const NUMBER_OR_CODE: Shape = (value) => NUMBER(value) ?? CODE(value);
/** Ids that this service makes, of jobs with the time of their making; an id that somebody else has chosen could be anything. */
const ID = textLike(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:\/\d{1,16})?$/);
/** A port, or what was asked of it: `SampleStore`, `read the key`. */
const NAME_IN_THE_CODE = textLike(/^[A-Za-z][A-Za-z0-9.]{0,40}(?: [A-Za-z0-9]{1,20}){0,6}$/);
/** A pattern of the route table, with the parameters' names in the place of their values. */
const ROUTE = textLike(/^(?:none|\/|(?:\/(?:v1|[a-z]{1,20}(?:[.-][a-z]{1,20}){0,4}|\{[a-z_]{1,40}\})){1,12}\/?)$/);
const METHOD = textLike(/^[A-Z]{3,12}(?:-[A-Z]{1,12})?$/);
const WORDS: Shape = (value) => (typeof value === 'string' ? operatorWords(value) : undefined);
const REQUEST_ID: Shape = (value) => (typeof value === 'string' ? keptRequestId(value) : undefined);

/** A metric of CloudWatch in a line: see `embeddedMetric`. */
const EMBEDDED_METRIC: Shape = (value) =>
  typeof value === 'object' && value !== null ? embeddedMetadata(value) : undefined;

/** Every field that a line of the log can have beside time, level and message. */
const FIELDS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['_aws', EMBEDDED_METRIC],
  ...Object.values(WATCHED_FACTS).map((name): [string, Shape] => [name, NUMBER]),
  ['adapter', CODE],
  ['attempt', NUMBER],
  ['cause', WORDS],
  ['close_code', NUMBER],
  ['code', CODE],
  ['completed', YES_OR_NO],
  ['delivery', ID],
  ['duration_ms', NUMBER],
  ['ended_because', WORDS],
  ['engine', CODE],
  ['err', errorReport],
  ['error', CODE],
  ['event', EVENT],
  ['frames', NUMBER],
  ['grace_ms', NUMBER],
  ['job', ID],
  ['kind', CODE],
  ['method', METHOD],
  ['model_size', CODE],
  ['operation', NAME_IN_THE_CODE],
  ['origin', CODE],
  ['port', NAME_IN_THE_CODE],
  ['request_id', REQUEST_ID],
  ['retryable', YES_OR_NO],
  ['route', ROUTE],
  ['socket', CODE],
  ['state', WORDS],
  ['status', NUMBER_OR_CODE],
  ['subject', ID],
]);

/**
 * Of what a call of the log is given, that which may go out. Fields that are not on the list, or not in their shape, are
 * left out; `fields_left_out` says how many, and not which: a name can be made of a value too.
 */
export function fieldsForTheLog(given: unknown): Record<string, unknown> {
  if (typeof given !== 'object' || given === null) return {};
  const kept: Record<string, unknown> = {};
  let leftOut = 0;
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    const allowed = FIELDS.get(name)?.(value);
    if (allowed === undefined) leftOut += 1;
    else kept[name] = allowed;
  }
  if (leftOut > 0) kept['fields_left_out'] = leftOut;
  return kept;
}
