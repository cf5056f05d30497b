import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { ImportNotice } from '../../core/health-data/model.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { TrainingLabel } from '../../core/pat/heads/training-data.ts';
import { csvRowReader, MOST_ROW_CHARACTERS, type CsvRowProblem } from './csv-rows.ts';
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

/** A file of labels. */
export interface LabelsFile extends FileRead {
  /** In the order of the file; with weeks all, or without weeks all. At least one. */
  readonly labels: readonly TrainingLabel[];
  /** Rows of data in the file, with those set aside. */
  readonly rows: number;
  /** What was set aside, each kind with its first line. */
  readonly notices: readonly ImportNotice[];
}

/** More labels than anybody has weeks. */
export const MOST_LABELS = 1_000_000;

const NOTICES = {
  'too-few-columns': 'rows without a cell in each of the columns were set aside',
  'no-person': 'rows without a person were set aside',
  'no-week': 'rows without a week were set aside',
  'missing-label': 'rows whose label is empty or marked as not available were set aside',
  'unreadable-label': 'rows with a label other than 0 and 1 were set aside',
} as const;
type NoticeCode = keyof typeof NOTICES;

/**
 * Reads labels to train on from CSV: a header that names `person`, `label` and, where labels are of weeks, `week`, in any
 * order and among others; then 0 or 1 in the column `label` (see `csvRowReader` for what is accepted). A row that cannot
 * be used is set aside and counted with its first line; two labels of the same person or week refuse the file.
 */
export function readLabelsCsv(file: ByteSource): ResultAsync<LabelsFile, TrainingFileUnreadable | PortUnavailable> {
  const reader = labelsReader();
  return new ResultAsync(readTrainingFile(file, reader)).andThen((read) => reader.labelsFile(read));
}

interface LabelsReader extends TextTaker {
  labelsFile(read: FileRead): Result<LabelsFile, TrainingFileUnreadable>;
}

interface LabelColumns {
  readonly person: number;
  /** -1 where labels are of persons. */
  readonly week: number;
  readonly label: number;
}

function labelsReader(): LabelsReader {
  const tally = noticeTally<NoticeCode>(NOTICES);
  const labels: TrainingLabel[] = [];
  const firstLine = new Map<string, number>();
  let columns: LabelColumns | null = null;
  let unusable: TrainingFileUnreadable | null = null;
  let rows = 0;

  const keep = (read: TrainingLabel, line: number): void => {
    const key = JSON.stringify([read.person, read.week]);
    const earlier = firstLine.get(key);
    if (earlier !== undefined) {
      const whose = `${read.week === null ? '' : `the week "${read.week}" of `}the person "${read.person}"`;
      const message = `There are two labels of ${whose}, the first on line ${String(earlier)}.`;
      unusable = unreadable('duplicate-rows', message, line);
    } else if (labels.length === MOST_LABELS) {
      unusable = unreadable('too-many-rows', `The file has more than ${String(MOST_LABELS)} labels.`, line);
    } else {
      firstLine.set(key, line);
      labels.push(read);
    }
  };

  const csv = csvRowReader((cells, line) => {
    if (unusable !== null) return;
    if (columns === null) {
      const named = columnsOf(cells, line);
      if (named.isErr()) unusable = named.error;
      else columns = named.value;
      return;
    }
    rows++;
    const read = labelOf(columns, cells);
    if (typeof read === 'string') tally.add(read, line);
    else keep(read, line);
  });

  const ending = (problem: CsvRowProblem | null): TrainingFileUnreadable | null =>
    unusable ?? (problem === null ? null : brokenRow(problem, MOST_ROW_CHARACTERS));
  return {
    push: (text) => ending(csv.push(text)),
    end() {
      const problem = ending(csv.end());
      return problem ?? (columns === null ? unreadable('empty-file', 'The file has no text in it.', 1) : null);
    },
    labelsFile(read) {
      if (labels.length > 0) return ok({ ...read, labels, rows, notices: tally.notices() });
      return err(noUsableRow(rows, tally.notices()));
    },
  };
}

function columnsOf(cells: readonly string[], line: number): Result<LabelColumns, TrainingFileUnreadable> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const twice = ['person', 'week', 'label'].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) {
    return err(unreadable('duplicate-columns', `The header names the column "${twice}" twice.`, line));
  }
  const columns = { person: names.indexOf('person'), week: names.indexOf('week'), label: names.indexOf('label') };
  if (columns.person === -1 || columns.label === -1) {
    const found = names.slice(0, 8).map((name) => `"${name.slice(0, 40)}"`);
    const message = `The header must name "person" and "label"; the first row has ${found.join(', ')}.`;
    return err(unreadable('missing-columns', message, line));
  }
  return ok(columns);
}

function labelOf({ person, week, label }: LabelColumns, cells: readonly string[]): TrainingLabel | NoticeCode {
  if (cells.length <= Math.max(person, week, label)) return 'too-few-columns';
  const [who, which, written] = [person, week, label].map((column) => (cells[column] ?? '').trim()) as [
    string,
    string,
    string,
  ];
  if (who === '') return 'no-person';
  if (week !== -1 && which === '') return 'no-week';
  if (written === '' || /^(?:na|nan|null)$/i.test(written)) return 'missing-label';
  // Tables with missing values are often written with their whole numbers as 1.0.
  const digit = /^([01])(?:\.0+)?$/.exec(written)?.[1];
  if (digit === undefined) return 'unreadable-label';
  return { person: who, week: week === -1 ? null : which, label: digit === '1' ? 1 : 0 };
}
