/** Where a row has its timestamp and its count. */
export interface CountsColumns {
  readonly timestamp: number;
  readonly count: number;
}

/** What the first row of a counts file says about its columns. */
export type FirstRow =
  | { readonly kind: 'header'; readonly columns: CountsColumns }
  /** The first row is data already. */
  | { readonly kind: 'no-header'; readonly columns: CountsColumns }
  | { readonly kind: 'unusable'; readonly code: 'missing-columns' | 'duplicate-columns'; readonly message: string };

/** Names of the count column in upper or lower case; where a file has several of them the first of these is read. */
const COUNT_NAMES = ['count', 'counts', 'activity'] as const;
const WANTED = 'a column "timestamp" and a column "count", "counts" or "activity"';

/**
 * Decides whether the first row names the columns. Without names there must be exactly two cells, timestamp and count. A
 * first row that is neither (its timestamp cannot be read, but its count can) is taken for a damaged row of data.
 */
export function readFirstRow(
  cells: readonly string[],
  isTimestamp: (text: string) => boolean,
  isCount: (text: string) => boolean,
): FirstRow {
  const texts = cells.map((cell) => cell.trim());
  while (texts.length > 2 && texts[texts.length - 1] === '') texts.pop();
  const names = texts.map((text) => text.toLowerCase());
  const countName = COUNT_NAMES.find((name) => names.includes(name));
  if (names.includes('timestamp') && countName !== undefined) {
    const twice = ['timestamp', countName].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
    if (twice !== undefined) {
      return { kind: 'unusable', code: 'duplicate-columns', message: `The header names the column "${twice}" twice.` };
    }
    const columns = { timestamp: names.indexOf('timestamp'), count: names.indexOf(countName) };
    return { kind: 'header', columns };
  }
  const [first = '', second = ''] = texts;
  const startsWithData = isTimestamp(first) || (texts.length === 2 && second !== '' && isCount(second));
  if (!startsWithData) {
    const found = names.slice(0, 8).map((name) => `"${name.slice(0, 40)}"`);
    const message = `The file needs ${WANTED}; its first row has ${found.join(', ')}.`;
    return { kind: 'unusable', code: 'missing-columns', message };
  }
  if (texts.length === 2) return { kind: 'no-header', columns: { timestamp: 0, count: 1 } };
  const cellsText = texts.length === 1 ? 'only one column' : `${String(texts.length)} columns`;
  const message = `The file has ${cellsText} and no header; it needs ${WANTED}.`;
  return { kind: 'unusable', code: 'missing-columns', message };
}

/** A count as written. */
export type WrittenCount =
  | { readonly kind: 'count'; readonly value: number }
  | { readonly kind: 'missing' | 'negative' | 'unreadable' | 'too-large' };

const MISSING: WrittenCount = { kind: 'missing' };
const NEGATIVE: WrittenCount = { kind: 'negative' };
const UNREADABLE: WrittenCount = { kind: 'unreadable' };
const TOO_LARGE: WrittenCount = { kind: 'too-large' };

/** No device counts this much in a minute; sums of such numbers stay finite. */
const MOST_COUNT = 1e9;

/**
 * Reads a count: a decimal number, or nothing, `NA`, `NaN` or `null` for a missing one. Some files write negative numbers
 * for what could not be computed (NHANES: -0.01).
 *
 * With a semicolon between cells the comma is a decimal sign, as spreadsheets in half of Europe write it. A comma with
 * exactly three digits behind it could also group thousands; such a number is unreadable rather than guessed at.
 */
export function parseCount(text: string, separator: string | null): WrittenCount {
  if (text === '' || /^(?:na|nan|null)$/i.test(text)) return MISSING;
  let decimal = text;
  if (separator === ';' && /^[+-]?\d+,\d+$/.test(text)) {
    if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(text)) return UNREADABLE;
    decimal = text.replace(',', '.');
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(decimal)) return UNREADABLE;
  const value = Number(decimal);
  if (value < 0) return NEGATIVE;
  // The sum takes minus zero to zero as well, but a single reading would keep it.
  return value > MOST_COUNT ? TOO_LARGE : { kind: 'count', value: value === 0 ? 0 : value };
}
