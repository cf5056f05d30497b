import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { ImportNotice } from '../../core/health-data/model.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import type { TrainingWeek } from '../../core/pat/heads/training-data.ts';
import { parseCount } from './counts-columns.ts';
import { csvRowReader, type CsvRowProblem } from './csv-rows.ts';
import { noticeTally } from './notice-tally.ts';
import {
  brokenRow,
  noUsableRow,
  readTrainingFile,
  unreadable,
  type FileRead,
  type TextTaker,
  type TrainingFileUnreadable,
} from './training-file.ts';

/** A file of recorded weeks, one a row. */
export interface WeeksFile extends FileRead {
  /** In the order of the file, all of `days` days. At least one. */
  readonly weeks: readonly TrainingWeek[];
  /** Local days a row: 7 for weeks in the strict sense, 1 to `MOST_DAYS_A_ROW`. */
  readonly days: number;
  /** Rows of data in the file, with those set aside. */
  readonly rows: number;
  /** What was missing or set aside, each kind with its first line. */
  readonly notices: readonly ImportNotice[];
}

export const MOST_DAYS_A_ROW = 14;
/** Fourteen days of minutes, each with as many digits as anybody writes. */
export const MOST_WEEK_ROW_CHARACTERS = 1024 * 1024;
/** All values of a file together; they are kept in memory. */
export const MOST_VALUES_BYTES = 2 ** 31;

const NOTICES = {
  'wrong-number-of-columns': 'rows with more or fewer cells than the header were set aside',
  'no-person': 'rows without a person were set aside',
  'no-week': 'rows without a week were set aside',
  'unreadable-value': 'rows with a value that is not a number were set aside',
  'value-too-large': 'rows with a value above 1,000,000,000 were set aside',
  'no-value': 'rows without any value were set aside',
  'missing-value': 'values that are empty or marked as not available are missing',
  'negative-value': 'negative values stand for values that could not be computed and are missing',
} as const;
type NoticeCode = keyof typeof NOTICES;

/**
 * Reads weeks to train on from CSV: a header `person`, `week` and one column for each minute of 1 to 14 local days (their
 * names are free), then one row a week. An empty value, `NA`, `NaN`, `null` or a negative number is a missing minute (see
 * `parseCount`). A row that cannot be used is set aside and counted with its first line; the same week of a person twice
 * refuses the file, because nobody knows which is meant. Rows are read as they come and kept as float32, so memory is
 * that of the values, whatever their text is like.
 */
export function readWeeksCsv(file: ByteSource): ResultAsync<WeeksFile, TrainingFileUnreadable | PortUnavailable> {
  const reader = weeksReader();
  return new ResultAsync(readTrainingFile(file, reader)).andThen((read) => reader.weeksFile(read));
}

interface WeeksReader extends TextTaker {
  weeksFile(read: FileRead): Result<WeeksFile, TrainingFileUnreadable>;
}

function weeksReader(): WeeksReader {
  const tally = noticeTally<NoticeCode>(NOTICES);
  const weeks: TrainingWeek[] = [];
  const firstLine = new Map<string, number>();
  let unusable: TrainingFileUnreadable | null = null;
  /** Written over by each row; null before the header. */
  let values: Float32Array | null = null;
  let rows = 0;

  const keep = ({ person, week, values }: OpenRow, line: number): NoticeCode | null => {
    if (person === '') return 'no-person';
    if (week === '') return 'no-week';
    if (values.every(Number.isNaN)) return 'no-value';
    const key = JSON.stringify([person, week]);
    const earlier = firstLine.get(key);
    if (earlier !== undefined) {
      const message = `The week "${week}" of the person "${person}" is there twice, first on line ${String(earlier)}.`;
      unusable = unreadable('duplicate-rows', message, line);
    } else if ((weeks.length + 1) * values.byteLength > MOST_VALUES_BYTES) {
      const message = `More than ${String(weeks.length)} weeks are more than is kept in memory.`;
      unusable = unreadable('too-many-rows', message, line);
    } else {
      firstLine.set(key, line);
      weeks.push({ person, week, values: values.slice() });
    }
    return null;
  };

  const finishRow = (finished: OpenRow, line: number): void => {
    rows++;
    const { cells, values, fault, missing, negative } = finished;
    const notice = cells !== values.length + 2 ? 'wrong-number-of-columns' : (fault ?? keep(finished, line));
    if (notice !== null) tally.add(notice, line);
    else {
      if (missing > 0) tally.add('missing-value', line, missing);
      if (negative > 0) tally.add('negative-value', line, negative);
    }
  };

  const csv = csvRowReader((cells, line) => {
    if (unusable !== null) return;
    if (values === null) {
      const minutes = minutesOf(cells, line);
      if (minutes.isErr()) unusable = minutes.error;
      else values = new Float32Array(minutes.value);
      return;
    }
    const row = openRow(values);
    for (const cell of cells) takeCell(row, cell, csv.separator());
    finishRow(row, line);
  }, MOST_WEEK_ROW_CHARACTERS);

  const ending = (problem: CsvRowProblem | null): TrainingFileUnreadable | null =>
    unusable ?? (problem === null ? null : brokenRow(problem, MOST_WEEK_ROW_CHARACTERS));
  return {
    push: (text) => ending(csv.push(text)),
    end() {
      const problem = ending(csv.end());
      return problem ?? (values === null ? unreadable('empty-file', 'The file has no text in it.', 1) : null);
    },
    weeksFile(read) {
      const [first] = weeks;
      if (first === undefined) return err(noUsableRow(rows, tally.notices()));
      return ok({ ...read, weeks, days: first.values.length / MINUTES_PER_DAY, rows, notices: tally.notices() });
    },
  };
}

/** A row while its cells come in. Its values are written over by the next row. */
interface OpenRow {
  readonly values: Float32Array;
  cells: number;
  person: string;
  week: string;
  fault: 'unreadable-value' | 'value-too-large' | null;
  missing: number;
  negative: number;
}

const openRow = (values: Float32Array): OpenRow => ({
  values,
  cells: 0,
  person: '',
  week: '',
  fault: null,
  missing: 0,
  negative: 0,
});

function takeCell(row: OpenRow, text: string, separator: string | null): void {
  const minute = row.cells++ - 2;
  if (minute === -2) row.person = text.trim();
  else if (minute === -1) row.week = text.trim();
  else if (minute < row.values.length) {
    const plain = plainNumber(text);
    if (plain >= 0) {
      row.values[minute] = plain;
      return;
    }
    const read = parseCount(text.trim(), separator);
    row.values[minute] = read.kind === 'count' ? read.value : Number.NaN;
    if (read.kind === 'missing') row.missing++;
    else if (read.kind === 'negative') row.negative++;
    else if (read.kind !== 'count') row.fault ??= read.kind === 'too-large' ? 'value-too-large' : 'unreadable-value';
  }
}

const POINT = 46;

/** Of digits, at most nine before a point, their number: nearly all cells are so. -1 for any other text. */
function plainNumber(text: string): number {
  let value = 0;
  let point = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (code === POINT && point === -1) point = i;
    else return -1;
  }
  const wholeDigits = point === -1 ? text.length : point;
  if (wholeDigits === 0 || wholeDigits > 9) return -1;
  return point === -1 ? value : Number(text);
}

const SHOWN_CHARACTERS = 40;
const MOST_HEADER_CELLS = 2 + MOST_DAYS_A_ROW * MINUTES_PER_DAY;

const wantedColumns = (found: string): string =>
  `The header must name "person", "week" and then ${String(MINUTES_PER_DAY)} minutes for each of 1 to ` +
  `${String(MOST_DAYS_A_ROW)} days; it ${found}.`;

/** How many minutes a row has, from the names of the header. */
function minutesOf(names: readonly string[], line: number): Result<number, TrainingFileUnreadable> {
  const [first = '', second = ''] = names.slice(0, 2).map((name) => name.trim().slice(0, SHOWN_CHARACTERS));
  if (first.toLowerCase() !== 'person' || second.toLowerCase() !== 'week') {
    return err(unreadable('missing-columns', wantedColumns(`begins with "${first}" and "${second}"`), line));
  }
  if (names.length > MOST_HEADER_CELLS) return err(unreadable('missing-columns', wantedColumns('names more'), line));
  const minutes = names.length - 2;
  if (minutes === 0 || minutes % MINUTES_PER_DAY !== 0) {
    return err(unreadable('missing-columns', wantedColumns(`names ${String(minutes)} minutes`), line));
  }
  return ok(minutes);
}
