/** Why a file cannot be cut into cells; `line` is where the row in question begins. */
export interface CsvCellProblem {
  readonly code: 'cell-too-long' | 'unclosed-quote';
  readonly line: number;
}

/** Takes cells one by one, without their quotes, and is told where rows end. */
export interface CsvCellSink {
  cell(text: string): void;
  /** The row that the last cells were of is over; `line` (from 1) is where it began. A blank row has no text at all. */
  rowEnd(line: number, blank: boolean): void;
}

/** Cuts text into cells as it comes in. After a problem nothing more may be pushed. */
export interface CsvCellReader {
  push(text: string): CsvCellProblem | null;
  /** The text is over: ends a last row without a line end. */
  end(): CsvCellProblem | null;
  /** The separator of cells; null until one was seen. */
  separator(): string | null;
}

/** A cell longer than this is taken for damage (or for a quote that nobody closes), so that memory stays bounded. */
export const MOST_CELL_CHARACTERS = 1024;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const TAB = 9;
const COMMA = 44;
const SEMICOLON = 59;
const SEPARATORS: readonly number[] = [COMMA, SEMICOLON, TAB];

/**
 * Reads RFC 4180 CSV whose rows are too wide to be held as text: `csvRowReader` for rows of any length. The separator is
 * the first comma, semicolon or tab outside quotes; lines may end in CR LF, LF or CR; what follows a closing quote is
 * kept. The result does not depend on how the text is cut into pieces.
 */
export function csvCellReader(sink: CsvCellSink): CsvCellReader {
  const longest: number = MOST_CELL_CHARACTERS;
  let separatorCode: number | null = null;
  let state: 'cell-start' | 'plain' | 'quoted' | 'quote-in-quoted' = 'cell-start';
  let carried = '';
  let line = 1;
  let rowLine = 1;
  let rowHasCells = false;
  let rowHasText = false;
  let afterCarriageReturn = false;

  const isSeparator = (code: number): boolean => {
    if (separatorCode === null && SEPARATORS.includes(code)) separatorCode = code;
    return code === separatorCode;
  };

  const finishCell = (rest: string): boolean => {
    const text = carried === '' ? rest : carried + rest;
    carried = '';
    state = 'cell-start';
    rowHasCells = true;
    rowHasText ||= text.trim() !== '';
    sink.cell(text);
    return text.length <= longest;
  };

  const finishRow = (): void => {
    sink.rowEnd(rowLine, !rowHasText);
    rowHasCells = false;
    rowHasText = false;
    rowLine = line;
  };

  const tooLong = (): CsvCellProblem => ({ code: 'cell-too-long', line: rowLine });

  const push = (text: string): CsvCellProblem | null => {
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (afterCarriageReturn) {
        afterCarriageReturn = false;
        if (code === LINE_FEED) {
          from = i + 1;
          continue;
        }
      }
      if (state === 'quoted') {
        if (code === LINE_FEED) line++;
        if (code !== QUOTE) continue;
        carried += text.slice(from, i);
        state = 'quote-in-quoted';
        continue;
      }
      if (state === 'quote-in-quoted') {
        // A doubled quote is one quote of the text; anything else means that the quoted part is over.
        from = i;
        state = code === QUOTE ? 'quoted' : 'plain';
        if (code === QUOTE) continue;
      }
      if (state === 'cell-start') {
        state = code === QUOTE ? 'quoted' : 'plain';
        from = code === QUOTE ? i + 1 : i;
        if (code === QUOTE) continue;
      }
      // Digits, points, signs and letters, which is nearly all of a file.
      if (code > COMMA && code !== SEMICOLON) continue;
      if (code === LINE_FEED || code === CARRIAGE_RETURN) {
        line++;
        afterCarriageReturn = code === CARRIAGE_RETURN;
        if (!finishCell(text.slice(from, i))) return tooLong();
        finishRow();
      } else if (isSeparator(code) && !finishCell(text.slice(from, i))) return tooLong();
    }
    if (state === 'plain' || state === 'quoted') carried += text.slice(from);
    return carried.length > longest ? tooLong() : null;
  };

  const end = (): CsvCellProblem | null => {
    if (state === 'quoted') return { code: 'unclosed-quote', line: rowLine };
    // Behind a separator there is one more cell, an empty one.
    if (state !== 'cell-start' || rowHasCells) {
      if (!finishCell('')) return tooLong();
      finishRow();
    }
    return null;
  };

  return { push, end, separator: () => (separatorCode === null ? null : String.fromCharCode(separatorCode)) };
}
