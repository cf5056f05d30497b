import { err, ok, type Result } from 'neverthrow';
import type { LocalDayGrid } from '../analysis/document.ts';
import type { AnalysisRecord } from '../analysis/ports.ts';
import { analysisId, processingId, type UserId } from '../kernel/ids.ts';
import { localZone, MINUTES_PER_DAY, parseIsoDate } from '../kernel/local-time.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields, readInstant } from './instants.ts';
import type { ReadAnalysisDocument } from './ports.ts';

/** Days of one analysis; more than anybody has worn anything. */
const MOST_DAYS = 11_000;

/** A stretch of minutes whose values are known. */
interface KnownMinutes {
  /** Index of the first one: minute m of the d-th date is `d * 1440 + m`. */
  readonly from: number;
  readonly values: readonly number[];
}

/** An analysis as a line of `analyses.ndjson`: the document as it is published, and its minutes. */
export const analysisLine = ({
  analysisId: id,
  upload,
  scope,
  createdAtMs,
  document,
  grid,
}: AnalysisRecord): object => ({
  analysis_id: id,
  processing_id: upload,
  scope,
  ...instantFields('created_at', createdAtMs),
  document,
  grid: { dates: grid.dates, known: knownMinutes(grid.values) },
});

/** The analysis of a line as the owner's, or what is wrong with it. */
export function analysisOfLine(
  value: unknown,
  owner: UserId,
  readDocument: ReadAnalysisDocument,
): Result<AnalysisRecord, string> {
  const fields = new FieldReader(value);
  const given = {
    owner,
    analysisId: analysisId(fields.id('analysis_id')),
    upload: processingId(fields.id('processing_id')),
    scope: fields.oneOf('scope', ['window', 'week']),
    createdAtMs: readInstant(fields, 'created_at'),
  };
  const document = readDocument(fields.value('document'));
  const grid = gridOf(new FieldReader(fields.value('grid')));
  const head = fields.result(given);
  if (head.isErr()) return err(head.error);
  if (grid.isErr()) return err(`grid: ${grid.error}`);
  if (document === null) return err('document is not a clarity.analysis/1');
  const { start, end, timezone } = document.window;
  if (!Number.isFinite(Date.parse(start)) || !Number.isFinite(Date.parse(end)) || localZone(timezone).isErr()) {
    return err('document has a window of no time');
  }
  return ok({ ...given, document, grid: grid.value });
}

function knownMinutes(values: Float32Array): readonly KnownMinutes[] {
  const known: KnownMinutes[] = [];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    const from = i;
    while (i < values.length && !Number.isNaN(values[i]!)) i++;
    known.push({ from, values: Array.from(values.subarray(from, i)) });
  }
  return known;
}

function gridOf(fields: FieldReader): Result<LocalDayGrid, string> {
  const dates = fields.texts('dates', MOST_DAYS, 10);
  if (!dates.every((date) => parseIsoDate(date) !== null)) fields.refuse('dates has an item that is no date');
  const known = fields.values('known', MOST_DAYS * MINUTES_PER_DAY);
  const lists = fields.result({ dates, known });
  if (lists.isErr()) return err(lists.error);
  const values = new Float32Array(dates.length * MINUTES_PER_DAY).fill(NaN);
  for (const given of known) {
    const part = new FieldReader(given);
    const from = part.integer('from', 0, values.length);
    const minutes = part.values('values', values.length - from);
    if (!minutes.every((minute): minute is number => typeof minute === 'number' && Number.isFinite(minute))) {
      part.refuse('values has an item that is no number');
    }
    const stretch = part.result(minutes as readonly number[]);
    if (stretch.isErr()) return err(`known: ${stretch.error}`);
    values.set(stretch.value, from);
  }
  return ok({ dates, values });
}
