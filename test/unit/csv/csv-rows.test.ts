import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvRowReader, MOST_ROW_CHARACTERS, type CsvRowProblem } from '../../../adapters/csv/csv-rows.ts';

interface Cut {
  readonly rows: readonly (readonly [line: number, ...cells: string[]])[];
  readonly problem: CsvRowProblem | null;
}

function cut(text: string, pieceLength = text.length): Cut {
  const rows: [number, ...string[]][] = [];
  const reader = csvRowReader((cells, line) => rows.push([line, ...cells]));
  for (let start = 0; start < text.length; start += pieceLength) {
    const problem = reader.push(text.slice(start, start + pieceLength));
    if (problem !== null) return { rows, problem };
  }
  return { rows, problem: reader.end() };
}

test('rows are cut at LF, CR LF and CR, and the last one needs no line end', () => {
  assert.equal(cut('a,b\nc,d\r\ne,f\rg,h').rows, [
    [1, 'a', 'b'],
    [2, 'c', 'd'],
    [3, 'e', 'f'],
    [4, 'g', 'h'],
  ]);
});

test('rows without text are passed over but counted as lines', () => {
  assert.equal(cut('\r\n \n\na,b\n\n,\n\nc,d\n').rows, [
    [4, 'a', 'b'],
    [8, 'c', 'd'],
  ]);
});

test('quoted cells hold separators, line ends and doubled quotes', () => {
  assert.equal(cut('"a,1","b ""x""\nsecond line",c\n"d",,"e"\n').rows, [
    [1, 'a,1', 'b "x"\nsecond line', 'c'],
    [3, 'd', '', 'e'],
  ]);
});

test('a quote inside an unquoted cell is an ordinary character', () => {
  assert.equal(cut('5" disk,b\nc,d\n').rows, [
    [1, '5" disk', 'b'],
    [2, 'c', 'd'],
  ]);
});

test('what follows a closing quote belongs to the cell', () => {
  assert.equal(cut('"a"b,c\n').rows, [[1, 'ab', 'c']]);
});

test('the separator is the one that the first row has most of', () => {
  assert.equal(cut('a;b,c;d\ne;f;g').rows, [
    [1, 'a', 'b,c', 'd'],
    [2, 'e', 'f', 'g'],
  ]);
  assert.equal(cut('a\tb\nc,d\te').rows, [
    [1, 'a', 'b'],
    [2, 'c,d', 'e'],
  ]);
  assert.equal(cut('"a;b;c;d",e\n1,2').rows, [
    [1, 'a;b;c;d', 'e'],
    [2, '1', '2'],
  ]);
});

test("a spreadsheet's sep= line names the separator and is not a row", () => {
  assert.equal(cut('sep=;\r\na,b;c\r\n').rows, [[2, 'a,b', 'c']]);
});

test('a quote that is never closed is reported with the line of its row', () => {
  assert.equal(cut('a,b\nc,"d\ne,f\n'), { rows: [[1, 'a', 'b']], problem: { code: 'unclosed-quote', line: 2 } });
});

test('an endless row is given up on, whether it is quoted or not', () => {
  const long = 'x'.repeat(MOST_ROW_CHARACTERS + 1);
  assert.equal(cut(`a,b\n${long}`).problem, { code: 'row-too-long', line: 2 });
  assert.equal(cut(`a,b\nc,"${'x\n'.repeat(MOST_ROW_CHARACTERS)}`, 1000).problem, { code: 'row-too-long', line: 2 });
  assert.equal(cut(long, 1000).problem, { code: 'row-too-long', line: 1 });
});

test('text that is blank throughout has no rows and no problem', () => {
  assert.equal(cut('\n \r\n\t\n'), { rows: [], problem: null });
  assert.equal(cut(''), { rows: [], problem: null });
});

const csvText = fc
  .array(fc.constantFrom('a', '1', ',', ';', '\t', '"', '\n', '\r', '\r\n', ' ', 'é', '\u00a0', '""', ',"', '",'), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''));

test('rows do not depend on how the text comes in pieces', () => {
  fc.assert(
    fc.property(csvText, fc.integer({ min: 1, max: 7 }), (text, pieceLength) => {
      assert.equal(cut(text, pieceLength), cut(text));
    }),
    { numRuns: 2000 },
  );
});

test('cells written with RFC 4180 quoting are read back as they were', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\n', '\r', ';', ' ', 'ü') });
  const table = fc
    .array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 })
    .filter((rows) => rows.every((cells) => cells.some((text) => text.trim() !== '')));
  fc.assert(
    fc.property(table, (rows) => {
      const quoted = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      const read = cut(`h1,h2,h3\r\n${quoted.join('\r\n')}\r\n`).rows.map(([, ...cells]) => cells);
      assert.equal(read.slice(1), rows);
    }),
  );
});

test.run();
