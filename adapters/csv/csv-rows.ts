/** Why a file cannot be cut into rows; `line` is where the row in question begins. */
export interface CsvRowProblem {
  readonly code: 'row-too-long' | 'unclosed-quote';
  readonly line: number;
}

/** Takes one row: its cells without quotes, and the line (from 1) on which it begins. */
export type CsvRowSink = (cells: readonly string[], line: number) => void;

/** Cuts text into rows as it comes in. After a problem nothing more may be pushed. */
export interface CsvRowReader {
  push(text: string): CsvRowProblem | null;
  /** The text is over: hands out a last row without a line end. */
  end(): CsvRowProblem | null;
  /** The separator of cells; null until the first row with text has been seen. */
  separator(): string | null;
}

/**
 * A row longer than this is taken for damage (or for a quote that nobody closes), so that memory stays bounded; whoever
 * reads wider rows says how wide.
 */
export const MOST_ROW_CHARACTERS = 65_536;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SEPARATORS = [',', ';', '\t'] as const;

/**
 * Reads RFC 4180 CSV. Beyond the RFC: the separator may be a comma, a semicolon or a tab, whichever the first row with
 * text has most of outside quotes (a comma when it has none); spreadsheets' `sep=;` first line is obeyed; lines may end in
 * CR LF, LF or CR; rows without text are passed over; a quote inside an unquoted cell is an ordinary character; what
 * follows a closing quote is kept. The result does not depend on how the text is cut into pieces.
 */
export function csvRowReader(onRow: CsvRowSink, mostCharacters: number = MOST_ROW_CHARACTERS): CsvRowReader {
  let head = '';
  let line = 1;
  let separator: string | null = null;
  let rows: OpenRows | null = null;

  const start = (firstLine: string): OpenRows => {
    const declared = /^"?sep=([,;\t|])"?$/i.exec(firstLine.trim());
    separator = declared?.[1] ?? commonestSeparator(firstLine);
    let skipFirst = declared !== null;
    const takeRow: CsvRowSink = (cells, rowLine) => {
      if (skipFirst) skipFirst = false;
      else onRow(cells, rowLine);
    };
    rows = openRows({ separatorCode: separator.charCodeAt(0), firstLine: line, mostCharacters }, takeRow);
    return rows;
  };

  return {
    separator: () => separator,
    push(text) {
      if (rows !== null) return rows.push(text);
      head += text;
      const blank = LEADING_BLANK_LINES.exec(head)?.[0] ?? '';
      line += blank.match(/\r\n|\r|\n/g)?.length ?? 0;
      head = head.slice(blank.length);
      const firstLine = head.slice(0, Math.max(0, head.search(/[\r\n]/)));
      if (firstLine.trim() !== '') return start(firstLine).push(head);
      return head.length > mostCharacters ? { code: 'row-too-long', line } : null;
    },
    end() {
      if (rows !== null) return rows.end();
      const whole = start(head);
      return whole.push(head) ?? whole.end();
    },
  };
}

/** A carriage return at the very end may be half of a line end, so it waits for what follows. */
const LEADING_BLANK_LINES = /^(?:[^\S\r\n]{0,65536}(?:\r\n|\n|\r(?=[^\n])))+/;

function commonestSeparator(line: string): string {
  const outsideQuotes = line.slice(0, MOST_ROW_CHARACTERS).replace(/"(?:[^"]|"")*"/g, '');
  const uses = (separator: string): number => outsideQuotes.split(separator).length - 1;
  return SEPARATORS.reduce((best, separator) => (uses(separator) > uses(best) ? separator : best));
}

interface RowForm {
  readonly separatorCode: number;
  readonly firstLine: number;
  readonly mostCharacters: number;
}

type OpenRows = Pick<CsvRowReader, 'push' | 'end'>;

/** The state machine: `push` walks the characters, and cells that a piece of text leaves open are carried over. */
function openRows({ separatorCode, firstLine, mostCharacters }: RowForm, onRow: CsvRowSink): OpenRows {
  let state: 'cell-start' | 'plain' | 'quoted' | 'quote-in-quoted' = 'cell-start';
  let cells: string[] = [];
  let cell = '';
  let rowCharacters = 0;
  let line = firstLine;
  let rowLine = firstLine;
  let afterCarriageReturn = false;

  const tooLong = (): CsvRowProblem | null =>
    rowCharacters > mostCharacters ? { code: 'row-too-long', line: rowLine } : null;

  const finishRow = (): CsvRowProblem | null => {
    cells.push(cell);
    const problem = tooLong();
    if (problem === null && cells.some((text) => text.trim() !== '')) onRow(cells, rowLine);
    cells = [];
    cell = '';
    rowCharacters = 0;
    state = 'cell-start';
    rowLine = line;
    return problem;
  };

  const push = (text: string): CsvRowProblem | null => {
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
      rowCharacters++;
      if (state === 'quoted') {
        if (code === QUOTE) {
          cell += text.slice(from, i);
          state = 'quote-in-quoted';
        } else if (code === LINE_FEED) {
          line++;
          const problem = tooLong();
          if (problem !== null) return problem;
        }
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
      if (code === separatorCode) {
        cells.push(cell + text.slice(from, i));
        cell = '';
        state = 'cell-start';
      } else if (code === LINE_FEED || code === CARRIAGE_RETURN) {
        cell += text.slice(from, i);
        line++;
        afterCarriageReturn = code === CARRIAGE_RETURN;
        const problem = finishRow();
        if (problem !== null) return problem;
      }
    }
    if (state === 'plain' || state === 'quoted') cell += text.slice(from);
    return tooLong();
  };

  const end = (): CsvRowProblem | null => {
    if (state === 'quoted') return tooLong() ?? { code: 'unclosed-quote', line: rowLine };
    return rowCharacters > 0 ? finishRow() : null;
  };

  return { push, end };
}
