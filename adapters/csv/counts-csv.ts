import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { ImportNotice } from '../../core/health-data/model.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { formatLocal, type LocalZone } from '../../core/kernel/local-time.ts';
import { parseCount, readFirstRow, type CountsColumns } from './counts-columns.ts';
import { csvRowReader, MOST_ROW_CHARACTERS, type CsvRowProblem } from './csv-rows.ts';
import { minuteSums, type DayWindow, type SummedMinutes } from './minute-sums.ts';
import { noticeTally, type NoticeTally } from './notice-tally.ts';
import { textDecoderInPieces } from './text-of-bytes.ts';
import { timestampParser, wallClockResolver } from './timestamps.ts';

/** A file of counts, minute by minute. */
export interface CountsRecording {
  /** Start of the first minute, a multiple of 60,000. */
  readonly startMs: EpochMs;
  /** One value for each elapsed minute from the first to the last timestamp; NaN is missing. At least one is not. */
  readonly values: Float64Array;
  /** Rows of data in the file: without the header and rows without text, with those set aside. */
  readonly rows: number;
  /** What was missing, set aside or decided, each kind with its first place. */
  readonly notices: readonly ImportNotice[];
  /** Whether every row that was used says its UTC offset, so that the zone asked for had no part in the result. */
  readonly explicitOffsets: boolean;
  /** The UTC offset in minutes that most of the used rows say, the first of equals; null where none says one. */
  readonly utcOffsetMinutes: number | null;
}

/** The file cannot be read as counts at all. */
export interface CsvUnreadable {
  readonly kind: 'csv-unreadable';
  readonly code:
    | 'empty-file'
    | 'binary-file'
    | 'missing-columns'
    | 'duplicate-columns'
    | 'unclosed-quote'
    | 'row-too-long'
    | 'no-usable-row';
  readonly message: string;
  /** Such as `line 1`. */
  readonly place: string;
}

/** A recording is at most this many UTC days long. */
export const MOST_COUNTS_DAYS = 400;

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

const NOTICES = {
  'too-few-columns': 'rows without a cell in the timestamp or the count column were set aside',
  'unreadable-timestamp': 'rows whose timestamp cannot be read were set aside',
  'nonexistent-local-time': 'rows with a local time that the clocks skipped were set aside',
  'ambiguous-local-time':
    'rows without an offset fall into an hour that the clocks repeated; they were placed by the order of the file',
  'date-out-of-range': 'rows dated before 2000 or after 2099 were set aside',
  'outside-span': `rows outside the ${String(MOST_COUNTS_DAYS)} days with the most rows were set aside`,
  'repeated-timestamp': 'rows that repeat a timestamp were set aside; the first row of each counts',
  'second-already-taken': 'rows closer than a second to another one were set aside',
  'missing-count': 'counts that are empty or marked as not available are missing',
  'negative-count': 'negative counts stand for values that could not be computed and are missing',
  'unreadable-count': 'counts that are not a number are missing',
  'count-too-large': 'counts above 1,000,000,000 are missing',
  'mixed-offsets': 'rows say no UTC offset while others do; they were read in the zone asked for',
  'incomplete-minute': 'minutes with fewer rows than most minutes are missing, because their sum is not known',
  'crowded-minute': 'minutes with more rows than most minutes were summed like the others',
} as const;
type NoticeCode = keyof typeof NOTICES;

/**
 * Reads minute-level activity counts from CSV: `timestamp,count`, in that order without a header, or in any columns of
 * a header that names `timestamp` and `count`, `counts` or `activity` (see `readFirstRow`, `csvRowReader`,
 * `timestampParser` and `parseCount` for what is accepted). Timestamps without an offset are read in `zone`; in the hour
 * that the clocks repeat in autumn the second pass of a file in order becomes the second hour (`wallClockResolver`).
 *
 * Rows may come in any order. Rows of less than a minute are summed; a minute with fewer of them than most minutes have,
 * or with one missing, is missing, because its sum is not known. What cannot be used is set aside and counted with its
 * first line. One wrong date does not stretch the recording: rows outside the 400 days that have the most rows are set
 * aside (only then is the file read twice). Memory depends on the days covered, not on the length of the file.
 */
export function readCountsCsv(
  file: ByteSource,
  zone: LocalZone,
): ResultAsync<CountsRecording, CsvUnreadable | PortUnavailable> {
  return new ResultAsync(readFile(file, zone));
}

async function readFile(
  file: ByteSource,
  zone: LocalZone,
): Promise<Result<CountsRecording, CsvUnreadable | PortUnavailable>> {
  const whole = countsReader(zone, null);
  const outcome = await readThrough(file, whole);
  if (outcome.isErr()) return err(outcome.error);
  const window = whole.sums.bestWindow();
  if (window === null) return whole.recording();
  const windowed = countsReader(zone, window);
  const second = await readThrough(file, windowed);
  return second.isErr() ? err(second.error) : windowed.recording();
}

type CountsReader = ReturnType<typeof countsReader>;

/** Feeds the file's text to the reader until it ends or a problem stops it. */
async function readThrough(
  file: ByteSource,
  reader: CountsReader,
): Promise<Result<void, CsvUnreadable | PortUnavailable>> {
  const decoder = textDecoderInPieces();
  const chunks = file.stream()[Symbol.asyncIterator]();
  let ended = false;
  let problem: CsvUnreadable | null = null;
  while (!ended && problem === null) {
    let bytes: Uint8Array | null;
    try {
      const next = await chunks.next();
      bytes = next.done === true ? null : next.value;
    } catch (cause) {
      return err(portUnavailable('ByteSource', 'stream', cause));
    }
    ended = bytes === null;
    const text = bytes === null ? decoder.end() : decoder.decode(bytes);
    if (text === null) problem = unreadable('binary-file', 'The file is not text.', 'line 1');
    else problem = ended ? reader.end(text) : reader.push(text);
  }
  if (problem === null) return ok(undefined);
  if (!ended) {
    try {
      await chunks.return?.();
    } catch {
      // The file is given up on either way; what is wrong with its content says more than a failing close.
    }
  }
  return err(problem);
}

function countsReader(zone: LocalZone, window: DayWindow | null) {
  const parseTimestamp = timestampParser();
  const resolve = wallClockResolver(zone);
  const sums = minuteSums(MOST_COUNTS_DAYS, window);
  const tally = noticeTally<NoticeCode>(NOTICES);
  let columns: CountsColumns | null = null;
  let unusable: CsvUnreadable | null = null;
  let rows = 0;
  const used = { withoutOffset: 0, firstWithoutLine: 0 };
  const rowsByOffset = new Map<number, number>();

  /** Takes a row of data; answers what was wrong with it, or null. */
  const takeRow = ({ timestamp, count }: CountsColumns, cells: readonly string[], line: number): NoticeCode | null => {
    const [timeText, countText] = [cells[timestamp], cells[count]];
    if (timeText === undefined || countText === undefined) return 'too-few-columns';
    const written = parseTimestamp(timeText.trim());
    if (written === null) return 'unreadable-timestamp';
    const resolved = resolve(written);
    if (resolved.kind === 'skipped-by-clocks') return 'nonexistent-local-time';
    const { instantMs, ambiguous } = resolved;
    if (instantMs < EARLIEST_MS || instantMs >= LATEST_MS) return 'date-out-of-range';
    if (ambiguous) tally.add('ambiguous-local-time', line);
    const read = parseCount(countText.trim(), csv.separator());
    const fate = sums.add(instantMs, read.kind === 'count' ? read.value : Number.NaN);
    if (fate !== 'added') return fate === 'outside-window' ? 'outside-span' : fate;
    const { offsetMinutes } = written;
    if (offsetMinutes !== null) rowsByOffset.set(offsetMinutes, (rowsByOffset.get(offsetMinutes) ?? 0) + 1);
    else if (used.withoutOffset++ === 0) used.firstWithoutLine = line;
    return read.kind === 'count' ? null : COUNT_NOTICE[read.kind];
  };

  const csv = csvRowReader((cells, line) => {
    if (unusable !== null) return;
    if (columns === null) {
      const isCount = (text: string): boolean => parseCount(text, csv.separator()).kind !== 'unreadable';
      const first = readFirstRow(cells, (text) => parseTimestamp(text) !== null, isCount);
      if (first.kind === 'unusable') {
        unusable = unreadable(first.code, first.message, `line ${String(line)}`);
        return;
      }
      columns = first.columns;
      if (first.kind === 'header') return;
    }
    rows++;
    const notice = takeRow(columns, cells, line);
    if (notice !== null) tally.add(notice, line);
  });

  const push = (text: string): CsvUnreadable | null => {
    const problem = csv.push(text);
    return unusable ?? (problem === null ? null : brokenRow(problem));
  };
  const end = (text: string): CsvUnreadable | null => {
    const problem = push(text);
    if (problem !== null) return problem;
    const last = csv.end();
    if (unusable !== null || last !== null) return unusable ?? brokenRow(last as CsvRowProblem);
    return columns === null ? unreadable('empty-file', 'The file has no text in it.', 'line 1') : null;
  };

  const recording = (): Result<CountsRecording, CsvUnreadable> => {
    const summed = sums.sum();
    if (summed === null || !summed.values.some((value) => !Number.isNaN(value))) return err(noUsableRow(rows, tally));
    noteMinutes(tally, summed, zone);
    const explicitOffsets = used.withoutOffset === 0;
    if (rowsByOffset.size > 0 && !explicitOffsets) {
      tally.add('mixed-offsets', used.firstWithoutLine, used.withoutOffset);
    }
    return ok({
      startMs: summed.startMs,
      values: summed.values,
      rows,
      notices: tally.notices(),
      explicitOffsets,
      utcOffsetMinutes: mostFrequent(rowsByOffset),
    });
  };
  return { push, end, recording, sums };
}

function mostFrequent(rowsByOffset: ReadonlyMap<number, number>): number | null {
  let best: readonly [offset: number, rows: number] | null = null;
  for (const entry of rowsByOffset) if (best === null || entry[1] > best[1]) best = entry;
  return best?.[0] ?? null;
}

const COUNT_NOTICE = {
  missing: 'missing-count',
  negative: 'negative-count',
  unreadable: 'unreadable-count',
  'too-large': 'count-too-large',
} as const;

function noteMinutes(tally: NoticeTally<NoticeCode>, summed: SummedMinutes, zone: LocalZone): void {
  const [incompleteMs, crowdedMs] = [summed.incompleteMs[0], summed.crowdedMs[0]];
  if (incompleteMs !== undefined) {
    tally.add('incomplete-minute', formatLocal(zone, incompleteMs), summed.incompleteMs.length);
  }
  if (crowdedMs !== undefined) tally.add('crowded-minute', formatLocal(zone, crowdedMs), summed.crowdedMs.length);
}

function unreadable(code: CsvUnreadable['code'], message: string, place: string): CsvUnreadable {
  return { kind: 'csv-unreadable', code, message, place };
}

function brokenRow({ code, line }: CsvRowProblem): CsvUnreadable {
  const message =
    code === 'unclosed-quote'
      ? 'A quote that opens in this row is never closed.'
      : `This row is longer than ${String(MOST_ROW_CHARACTERS)} characters; perhaps a quote in it is never closed.`;
  return unreadable(code, message, `line ${String(line)}`);
}

function noUsableRow(rows: number, tally: NoticeTally<NoticeCode>): CsvUnreadable {
  const first = tally.notices()[0];
  if (first === undefined) return unreadable('no-usable-row', 'The file has a header but no rows.', 'line 1');
  const message = `None of the ${String(rows)} rows has a usable count; ${String(first.count)}: ${first.message}.`;
  return unreadable('no-usable-row', message, first.firstAt ?? 'line 1');
}
