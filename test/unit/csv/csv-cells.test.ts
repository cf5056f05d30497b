import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvCellReader, MOST_CELL_CHARACTERS, type CsvCellProblem } from '../../../adapters/csv/csv-cells.ts';
import { csvRowReader } from '../../../adapters/csv/csv-rows.ts';

interface ReadCells {
  /** Rows with text, each with the line it began on. */
  readonly rows: readonly (readonly [number, readonly string[]])[];
  readonly problem: CsvCellProblem | null;
  readonly separator: string | null;
}

/** What is read when the text comes in these pieces. */
function cellsOf(...pieces: readonly string[]): ReadCells {
  const rows: (readonly [number, readonly string[]])[] = [];
  let open: string[] = [];
  const reader = csvCellReader({
    cell: (text) => open.push(text),
    rowEnd(line, blank) {
      if (!blank) rows.push([line, open]);
      open = [];
    },
  });
  let problem: CsvCellProblem | null = null;
  for (const piece of pieces) problem ??= reader.push(piece);
  problem ??= reader.end();
  return { rows, problem, separator: reader.separator() };
}

const rowsOf = (...pieces: readonly string[]): readonly (readonly string[])[] =>
  cellsOf(...pieces).rows.map(([, cells]) => cells);

const characters = (text: string): readonly string[] => Array.from(text);

test('cells, quotes and line ends are read as RFC 4180 has them', () => {
  assert.equal(rowsOf('a,b,c\r\n1,"2,""x""\n3",\n'), [
    ['a', 'b', 'c'],
    ['1', '2,"x"\n3', ''],
  ]);
  assert.equal(rowsOf('a,b\r1,2\r\n3,4'), [
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
  ]);
  assert.equal(rowsOf('a;b,c\n1;2,5'), [
    ['a', 'b,c'],
    ['1', '2,5'],
  ]);
  assert.equal(rowsOf('a,'), [['a', '']]);
});

test('blank rows are told, and lines are counted through them and through quotes', () => {
  const { rows } = cellsOf('\n\na,b\n , \n"1\n2",3\r\n4,5');
  assert.equal(rows, [
    [3, ['a', 'b']],
    [5, ['1\n2', '3']],
    [7, ['4', '5']],
  ]);
});

test('the first separator outside quotes is the one', () => {
  assert.is(cellsOf('"a,b";c\td\n').separator, ';');
  assert.is(cellsOf('a\tb;c').separator, '\t');
  assert.is(cellsOf('person').separator, null);
});

test('a cell that is too long, or a quote that stays open, ends the reading with its line', () => {
  const long = 'x'.repeat(MOST_CELL_CHARACTERS + 1);
  assert.equal(cellsOf(`a,b\n1,${long},2\n`).problem, { code: 'cell-too-long', line: 2 });
  assert.equal(cellsOf(...characters(`a\n${long}`)).problem, { code: 'cell-too-long', line: 2 });
  assert.equal(cellsOf('a\nb\n"c\nd').problem, { code: 'unclosed-quote', line: 3 });
  assert.is(cellsOf(`a,${'x'.repeat(MOST_CELL_CHARACTERS)}\n`).problem, null);
});

test('a row may be of any length', () => {
  const cells = Array.from({ length: 30_000 }, (_, i) => String(i));
  assert.equal(rowsOf(cells.join(',')), [cells]);
});

const anyText = fc
  .array(fc.constantFrom('a', '1', '.', ',', ',', '"', '"', '\n', '\r', '\r\n', ' ', '-'), { maxLength: 40 })
  .map((parts) => `h,h${parts.join('')}`);

test('how the text is cut into pieces does not matter', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(cellsOf(...characters(text)), cellsOf(text));
    }),
    { numRuns: 500 },
  );
});

test('rows are those that the reader of whole rows gives', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const rows: [number, readonly string[]][] = [];
      const reader = csvRowReader((cells, line) => rows.push([line, cells]));
      const problem = reader.push(text) ?? reader.end();
      const read = cellsOf(text);
      assert.equal(read.rows, rows);
      assert.equal(read.problem, problem);
    }),
    { numRuns: 500 },
  );
});

test.run();
