import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MOST_COUNTS_DAYS, readCountsCsv } from '../../../adapters/csv/counts-csv.ts';
import { BERLIN, fileOf, noticesOf, readError, readText, UTC } from './text-file.ts';
import { errorOf, valueOf } from '../result-values.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const valuesOf = async (text: string): Promise<readonly number[]> => [...(await readText(text)).values];

test('a file with a header and offsets gives a value for every minute', async () => {
  const read = await readText(
    'timestamp,count\n2025-01-06T00:00:00+01:00,5\n2025-01-06T00:01:00+01:00,0\n2025-01-06T00:02:00+01:00,7.5\n',
  );
  assert.is(read.startMs, utc('2025-01-05T23:00'));
  assert.equal([...read.values], [5, 0, 7.5]);
  assert.is(read.rows, 3);
  assert.equal(read.notices, []);
  assert.is(read.explicitOffsets, true);
});

test('every spelling of a timestamp means the same minute', async () => {
  const spellings = [
    '2025-06-01T08:30',
    '2025-06-01 08:30',
    '2025-06-01 08:30:00',
    '2025-06-01T08:30:00.000',
    '2025-06-01t08:30:59,9',
    '2025-06-01T06:30:00Z',
    '2025-06-01 06:30z',
    '2025-06-01T08:30:00+02:00',
    '2025-06-01 08:30:00 +0200',
    '2025-06-01T08:30+02',
    '2025-06-01T01:00:00.123456-05:30',
    '  2025-06-01 08:30  ',
  ];
  for (const spelling of spellings) {
    const read = await readText(`"${spelling}",3`, BERLIN);
    assert.is(read.startMs, utc('2025-06-01T06:30'), spelling);
  }
});

test('whether offsets are explicit is told, and rows without one beside others are counted', async () => {
  assert.is((await readText('2025-01-06 00:00,1')).explicitOffsets, false);
  const mixed = await readText('2025-01-06 00:00Z,1\n2025-01-06 00:01,2\n2025-01-06 00:02,3');
  assert.is(mixed.explicitOffsets, false);
  assert.equal(noticesOf(mixed), [['mixed-offsets', 2, 'line 2']]);
});

test('a header may name the columns in any order, in any case and among others', async () => {
  for (const name of ['count', 'Counts', 'ACTIVITY']) {
    const text = `id,${name}, Timestamp ,x\n1,4,2025-01-06 00:00,a\n2,6,2025-01-06 00:01,"b\nc"\n`;
    assert.equal(await valuesOf(text), [4, 6], name);
  }
  assert.equal(await valuesOf('activity,timestamp,count\n1,2025-01-06 00:00,2'), [2]);
});

test('CR LF, a byte order mark, semicolons, tabs and UTF-16 are read alike', async () => {
  const plain = 'timestamp,count\n2025-01-06 00:00,1\n2025-01-06 00:01,2\n';
  const forms: (string | Uint8Array)[] = [
    plain.replaceAll('\n', '\r\n'),
    `\ufeff${plain}`,
    plain.replaceAll(',', ';'),
    plain.replaceAll(',', '\t'),
    `sep=;\r\n${plain.replaceAll(',', ';')}`,
    plain.trimEnd(),
    `\n\n${plain}\n\n`,
    Buffer.from(`\ufeff${plain}`, 'utf16le'),
    Buffer.from(`\ufeff${plain}`, 'utf16le').swap16(),
  ];
  for (const form of forms) assert.equal([...(await readText(form)).values], [1, 2]);
});

test('a trailing separator does not make a third column', async () => {
  assert.equal(await valuesOf('2025-01-06 00:00,1,\n2025-01-06 00:01,2,\n'), [1, 2]);
});

test('a comma is a decimal sign between semicolons, unless it could group thousands', async () => {
  const read = await readText(
    'timestamp;count\n2025-01-06 00:00;12,5\n2025-01-06 00:01;0,125\n2025-01-06 00:02;1,250\n2025-01-06 00:03;1.250\n',
  );
  assert.equal([...read.values], [12.5, 0.125, Number.NaN, 1.25]);
  assert.equal(noticesOf(read), [['unreadable-count', 1, 'line 4']]);
});

test('absent, negative, unreadable and absurd counts are missing and counted by reason with the first line', async () => {
  const counts = ['1', '', 'NA', ' nan ', 'null', '-0.01', '-5', 'twelve', '1e3', '0x10', '1e400', '2', '-0'];
  const rows = counts.map((count, minute) => `2025-01-06 00:${String(minute).padStart(2, '0')},${count}`);
  const read = await readText(`timestamp,count\n${rows.join('\n')}`);
  const nan = Number.NaN;
  assert.equal([...read.values], [1, nan, nan, nan, nan, nan, nan, nan, 1000, nan, nan, 2, 0]);
  assert.ok(Object.is(read.values[12], 0));
  assert.equal(noticesOf(read), [
    ['missing-count', 4, 'line 3'],
    ['negative-count', 2, 'line 7'],
    ['unreadable-count', 2, 'line 9'],
    ['count-too-large', 1, 'line 12'],
  ]);
  assert.is(read.rows, 13);
});

test('rows that cannot be placed are set aside and counted by reason with the first line', async () => {
  const read = await readText(
    [
      'id,timestamp,count',
      '1,2025-01-06 00:00,1',
      '2,2025-02-30 00:00,1',
      '3,2025-01-06 24:00,1',
      '4,06.01.2025 00:01,1',
      '5',
      '6,2025-01-06 00:02',
      '7,1999-12-31 23:59,1',
      '8,2100-01-01 00:00,1',
      '9,2025-01-06 00:03,4',
    ].join('\n'),
  );
  assert.equal([...read.values], [1, Number.NaN, Number.NaN, 4]);
  assert.is(read.rows, 9);
  assert.equal(noticesOf(read), [
    ['unreadable-timestamp', 3, 'line 3'],
    ['too-few-columns', 2, 'line 6'],
    ['date-out-of-range', 2, 'line 8'],
  ]);
});

test('a damaged first row of a file without a header is set aside like any other', async () => {
  const read = await readText('2025-13-06 00:00,1\n2025-01-06 00:01,2');
  assert.equal([...read.values], [2]);
  assert.equal(noticesOf(read), [['unreadable-timestamp', 1, 'line 1']]);
});

test('rows of less than a minute are summed', async () => {
  const epochs = [10, 15, 30];
  for (const seconds of epochs) {
    const rows = Array.from({ length: 180 / seconds }, (_, i) => {
      const at = new Date(utc('2025-01-06T00:00') + i * seconds * 1000).toISOString();
      return `${at},${String(i + 1)}`;
    });
    const perMinute = 60 / seconds;
    const sumOf = (minute: number): number => perMinute * minute * perMinute + (perMinute * (perMinute + 1)) / 2;
    const read = await readText(rows.join('\n'));
    assert.equal([...read.values], [sumOf(0), sumOf(1), sumOf(2)]);
    assert.equal(read.notices, []);
  }
});

test('a minute with fewer rows than most, or with an unknown part, is missing rather than too small', async () => {
  const read = await readText(
    [
      '2025-01-06 00:00:30,1',
      '2025-01-06 00:01:00,1',
      '2025-01-06 00:01:30,2',
      '2025-01-06 00:02:00,3',
      '2025-01-06 00:02:30,NA',
      '2025-01-06 00:03:00,5',
      '2025-01-06 00:03:30,6',
    ].join('\n'),
  );
  assert.equal([...read.values], [Number.NaN, 3, Number.NaN, 11]);
  assert.equal(noticesOf(read), [
    ['missing-count', 1, 'line 5'],
    ['incomplete-minute', 1, '2025-01-06T00:00:00+00:00'],
  ]);
});

test('minutes with more rows than most are summed and noticed', async () => {
  const read = await readText('2025-01-06 00:00:00,1\n2025-01-06 00:00:30,2\n2025-01-06 00:01,3\n2025-01-06 00:02,4');
  assert.equal([...read.values], [3, 3, 4]);
  assert.equal(noticesOf(read), [['crowded-minute', 1, '2025-01-06T00:00:00+00:00']]);
});

test('a row that repeats a timestamp is set aside, also when it comes much later or in other words', async () => {
  const read = await readText(
    [
      '2025-01-06 00:00:00,1',
      '2025-01-06 00:00:00,1',
      '2025-01-06 00:01:00.250,2',
      '2025-01-06 00:02:00,3',
      '2025-01-06T01:01:00.250+01:00,9',
      '2025-01-06 00:00Z,8',
    ].join('\n'),
  );
  assert.equal([...read.values], [1, 2, 3]);
  assert.equal(noticesOf(read).slice(0, 1), [['repeated-timestamp', 3, 'line 2']]);
});

test('a second row within a second is set aside', async () => {
  const read = await readText('2025-01-06 00:00:00.0,1\n2025-01-06 00:00:00.5,1\n2025-01-06 00:01:00,1');
  assert.equal([...read.values], [1, 1]);
  assert.equal(noticesOf(read), [['second-already-taken', 1, 'line 2']]);
});

test('one wrong date neither stretches the recording nor costs the other rows', async () => {
  const rows = Array.from({ length: 2880 }, (_, i) => {
    return `${new Date(utc('2025-01-06T00:00') + i * 60_000).toISOString()},${String(i)}`;
  });
  for (const wrong of ['2001-01-01T00:00:00Z,5', '2093-06-01T00:00:00Z,5']) {
    for (const at of [0, 1000, 2880]) {
      const read = await readText([...rows.slice(0, at), wrong, ...rows.slice(at)].join('\n'));
      assert.is(read.startMs, utc('2025-01-06T00:00'));
      assert.is(read.values.length, 2880);
      assert.is(read.values[2879], 2879);
      assert.is(read.rows, 2881);
      assert.equal(noticesOf(read), [['outside-span', 1, `line ${String(at + 1)}`]]);
    }
  }
});

test('of a file longer than the longest recording the days with the most rows are kept', async () => {
  const daily = (from: string, days: number): string[] =>
    Array.from({ length: days }, (_, i) => `${new Date(utc(from) + i * 86_400_000).toISOString()},1`);
  const read = await readText([...daily('2020-01-01T12:00', 390), ...daily('2022-01-01T12:00', 500)].join('\n'));
  assert.is(read.startMs, utc('2022-01-01T12:00'));
  assert.is(read.values.length, (MOST_COUNTS_DAYS - 1) * 1440 + 1);
  assert.equal(noticesOf(read), [['outside-span', 490, 'line 1']]);
});

test('a recording of exactly the longest span is whole', async () => {
  const last = new Date(utc('2025-01-01T00:00') + MOST_COUNTS_DAYS * 86_400_000 - 60_000).toISOString();
  const read = await readText(`2025-01-01T00:00:00Z,1\n${last},2`);
  assert.is(read.values.length, MOST_COUNTS_DAYS * 1440);
  assert.equal(read.notices, []);
});

test('a file that cannot be read says why and where', async () => {
  const gzip = gzipSync('2025-01-06 00:00,1');
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) % 256);
  const cases: [string | Uint8Array, string, string, RegExp][] = [
    ['', 'empty-file', 'line 1', /no text/],
    [' \r\n\t\n', 'empty-file', 'line 1', /no text/],
    ['\ufeff', 'empty-file', 'line 1', /no text/],
    [gzip, 'binary-file', 'line 1', /not text/],
    [noise, 'binary-file', 'line 1', /not text/],
    [Buffer.from('PK\u0003\u0004rest'), 'binary-file', 'line 1', /not text/],
    ['\ntime,value\n2025-01-06 00:00,1', 'missing-columns', 'line 2', /"time", "value"/],
    ['timestamp,value\n2025-01-06 00:00,1', 'missing-columns', 'line 1', /"count", "counts" or "activity"/],
    ['2025-01-06 00:00,1,2', 'missing-columns', 'line 1', /3 columns and no header/],
    ['2025-01-06 00:00\n', 'missing-columns', 'line 1', /only one column/],
    ['{"timestamp": "2025-01-06"}', 'missing-columns', 'line 1', /needs a column "timestamp"/],
    ['timestamp,count,Count\n2025-01-06 00:00,1,2', 'duplicate-columns', 'line 1', /"count" twice/],
    ['timestamp,count\n', 'no-usable-row', 'line 1', /no rows/],
    ['timestamp,count\n\n2025-01-06 00:00,NA\n2025-01-06 00:01,', 'no-usable-row', 'line 3', /None of the 2 rows/],
    ['timestamp,count\nyesterday,1', 'no-usable-row', 'line 2', /timestamp cannot be read/],
    ['timestamp,count\n2025-01-06 00:00,1\n"2025-01-06 00:01,2\n', 'unclosed-quote', 'line 3', /never closed/],
    [`timestamp,count\n2025-01-06 00:00,${'1'.repeat(70_000)}\n`, 'row-too-long', 'line 2', /65536 characters/],
  ];
  for (const [content, code, place, message] of cases) {
    const error = await readError(content);
    assert.is(error.code, code);
    assert.is(error.place, place, code);
    assert.match(error.message, message);
  }
});

test('a NUL far inside a text costs its row only', async () => {
  const rows = Array.from(
    { length: 400 },
    (_, i) => `${new Date(utc('2025-01-06T00:00') + i * 60_000).toISOString()},1`,
  );
  const read = await readText([...rows.slice(0, 300), '\u0000\u0000,1', ...rows.slice(300)].join('\n'));
  assert.is(read.values.length, 400);
  assert.equal(noticesOf(read), [['unreadable-timestamp', 1, 'line 301']]);
});

test('a file whose bytes cannot be had is unavailable, not unreadable', async () => {
  const failing = {
    sizeBytes: 10,
    // oxlint-disable-next-line require-yield
    async *stream(): AsyncGenerator<Uint8Array> {
      throw new Error('the disk is gone');
    },
  };
  const error = errorOf(await readCountsCsv(failing, UTC));
  assert.is(error.kind, 'port-unavailable');
});

test('a file that is given up on is closed', async () => {
  let closed = false;
  const endless = {
    sizeBytes: 1e12,
    async *stream(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new TextEncoder().encode('x'.repeat(5000));
      } finally {
        closed = true;
      }
    },
  };
  const error = errorOf(await readCountsCsv(endless, UTC));
  assert.is(error.kind === 'csv-unreadable' && error.code, 'row-too-long');
  assert.is(closed, true);
});

const minuteRow = fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 3000 }));

test('the order of rows does not matter when timestamps carry offsets', async () => {
  const shuffled = fc
    .uniqueArray(minuteRow, { selector: ([minute]) => minute, minLength: 1, maxLength: 40 })
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
  await fc.assert(
    fc.asyncProperty(shuffled, async ([rows, other]) => {
      const textOf = (list: typeof rows): string =>
        list
          .map(([minute, count]) => `${new Date(1.7e12 + minute * 60_000).toISOString()},${String(count)}`)
          .join('\n');
      const [a, b] = [await readText(textOf(rows)), await readText(textOf(other))];
      assert.equal([b.startMs, [...b.values]], [a.startMs, [...a.values]]);
    }),
    { numRuns: 60 },
  );
});

test('any bytes, in any pieces, are read or refused in the same way', async () => {
  const part = fc.constantFrom(
    'timestamp,count',
    '2025-01-06 00:00',
    '2025-01-06T00:01:30Z',
    '1890-01-01 00:00',
    '2050-01-01 00:00',
    ',',
    ';',
    '\n',
    '\r\n',
    '"',
    '12',
    '-1',
    'é',
    '\u0000',
  );
  const bytes = fc.oneof(
    fc.array(part, { maxLength: 30 }).map((parts) => new TextEncoder().encode(parts.join(''))),
    fc.uint8Array({ maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (content, chunkBytes) => {
      const whole = await readCountsCsv(fileOf(content), BERLIN);
      const pieces = await readCountsCsv(fileOf(content, chunkBytes), BERLIN);
      assert.equal(pieces.isOk(), whole.isOk());
      if (whole.isErr()) assert.equal(errorOf(pieces), whole.error);
      else assert.equal(valueOf(pieces), whole.value);
    }),
    { numRuns: 400 },
  );
});

test('the offset that most rows say is told, so that their clock times can be kept', async () => {
  const offsetOf = async (text: string): Promise<number | null> => (await readText(text)).utcOffsetMinutes;
  const twoZones = '2025-01-06T00:00+05:30,1\n2025-01-06T00:01+05:30,2\n2025-01-06T00:02+01:00,3';
  assert.is(await offsetOf(twoZones), 330);
  assert.is(await offsetOf('2025-01-06T00:00-02:30,1'), -150);
  assert.is(await offsetOf('2025-01-06T00:00Z,1'), 0);
  assert.is(await offsetOf('2025-01-06 00:00,1'), null);
});

test.run();
