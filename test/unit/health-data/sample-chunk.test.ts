import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { additionsOf } from '../../../core/health-data/chunk-append.ts';
import { crc32 } from '../../../core/health-data/chunk-bytes.ts';
import { decodeChunk, encodeChunk } from '../../../core/health-data/chunk-codec.ts';
import { splitByDay } from '../../../core/health-data/chunk-split.ts';
import { mergeChunk, removeUpload, type SampleChunk } from '../../../core/health-data/sample-chunk.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, PHONE, WATCH, type TestSample } from '../sample-columns.ts';

const FIRST = processingId('upload 1');
const SECOND = processingId('upload 2');
const DAY = 20_157;

const anyValue = fc.oneof(
  fc.integer({ min: 40, max: 200 }),
  fc.integer({ min: -99, max: 99 }).map((n) => n / 100),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
);

const anySource = fc.record({
  key: fc.string({ unit: 'binary', maxLength: 4 }),
  name: fc.string({ unit: 'binary', maxLength: 4 }),
  device: fc.constantFrom('watch' as const, 'phone' as const, 'other' as const),
  model: fc.option(fc.string({ unit: 'binary', maxLength: 4 })),
});

const samplesOfDay = (day: number): fc.Arbitrary<TestSample[]> =>
  fc
    .record({
      unitMs: fc.constantFrom(MS_PER_MINUTE, 1000, 1, 0.25),
      sources: fc.array(anySource, { minLength: 1, maxLength: 3 }),
    })
    .chain(({ unitMs, sources }) =>
      fc.array(
        fc
          .record({
            start: fc.integer({ min: 0, max: MS_PER_DAY / unitMs - 1 }),
            duration: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000_000 })),
            value: anyValue,
            source: fc.constantFrom(...sources),
            offsetMinutes: fc.integer({ min: -32_768, max: 32_767 }),
          })
          .map(({ start, duration, ...rest }) => {
            const startMs = day * MS_PER_DAY + start * unitMs;
            return { ...rest, startMs, endMs: startMs + duration * unitMs };
          }),
        { minLength: 1, maxLength: 20 },
      ),
    );

const merged = (samples: readonly TestSample[], upload = FIRST, before: SampleChunk | null = null): SampleChunk =>
  mergeChunk(before, columnsOf('heart_rate', samples), upload).chunk;

const anyChunk: fc.Arbitrary<SampleChunk> = fc
  .integer({ min: -30_000, max: 60_000 })
  .chain((day) => fc.tuple(samplesOfDay(day), samplesOfDay(day), samplesOfDay(day)))
  .map(([first, second, third]) =>
    merged(
      [...third, ...first.slice(0, 3)],
      processingId('c'),
      merged([...second, ...first.slice(0, 5)], processingId('a'), merged(first, processingId('b'))),
    ),
  );

/** A minute of steps after another, as a phone counts them. */
const minutesOfSteps = (count: number): TestSample[] =>
  Array.from({ length: count }, (_, i) => {
    const startMs = DAY * MS_PER_DAY + i * MS_PER_MINUTE;
    return { startMs, endMs: startMs + MS_PER_MINUTE, value: (i * 37) % 120, source: PHONE, offsetMinutes: 60 };
  });

const DAY_OF_STEPS = merged(minutesOfSteps(1440));

test('a chunk survives encoding and decoding exactly', () => {
  fc.assert(
    fc.property(anyChunk, (chunk) => {
      assert.equal(valueOf(decodeChunk(encodeChunk(chunk))), chunk);
    }),
  );
});

test('equal content has equal bytes, however it came together', () => {
  fc.assert(
    fc.property(
      samplesOfDay(DAY).chain((samples) =>
        fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: 1 }), fc.nat(20)),
      ),
      ([samples, others, cut]) => {
        const atOnce = merged(others, SECOND, merged(samples));
        const inParts = [others.slice(cut), others.slice(0, cut), others].reduce<SampleChunk | null>(
          (chunk, part) => (part.length === 0 ? chunk : merged(part, SECOND, chunk)),
          null,
        );
        assert.equal(encodeChunk(merged(samples.toReversed(), FIRST, inParts)), encodeChunk(atOnce));
      },
    ),
  );
});

test('a day of minutes takes about three bytes a sample', () => {
  assert.ok(encodeChunk(DAY_OF_STEPS).length < 3.2 * 1440, String(encodeChunk(DAY_OF_STEPS).length));
});

test('no changed bit and no missing or added byte goes unnoticed', () => {
  const bytes = encodeChunk(merged(minutesOfSteps(20)));
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.is(errorOf(decodeChunk(changed)).kind, 'chunk-corrupt', `bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length++) {
    assert.is(errorOf(decodeChunk(bytes.subarray(0, length))).kind, 'chunk-corrupt', `${length} bytes`);
  }
  assert.is(errorOf(decodeChunk(Uint8Array.of(...bytes, 0))).kind, 'chunk-corrupt');
});

test('bytes that are not a chunk are an error or a sound chunk, also with a right checksum', () => {
  const base = encodeChunk(
    merged(
      minutesOfSteps(8),
      SECOND,
      merged([...minutesOfSteps(4), { startMs: DAY * MS_PER_DAY, value: 0.1 + 0.2, source: WATCH }]),
    ),
  );
  const body = base.subarray(0, base.length - 4);
  const anyChange = fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const anyBody = fc.oneof(
    anyChange.map((changes) => {
      const changed = body.slice();
      for (const [at, byte] of changes) changed[at] = byte;
      return changed;
    }),
    fc.nat(body.length).map((length) => body.slice(0, length)),
    fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.of(1, ...tail)),
  );
  fc.assert(
    fc.property(anyBody, (changed) => {
      const bytes = new Uint8Array(changed.length + 4);
      bytes.set(changed);
      new DataView(bytes.buffer).setUint32(changed.length, crc32(changed), true);
      decodeChunk(bytes).match(
        // What is believed obeys the chunk's promises, so it can be worked with and stored again.
        (chunk) => assert.equal(valueOf(decodeChunk(encodeChunk(chunk))), chunk),
        (error) => assert.is.not(error.reason, ''),
      );
    }),
    { numRuns: 2000 },
  );
});

test('a chunk of a version that is not known says so', () => {
  const bytes = encodeChunk(DAY_OF_STEPS);
  bytes[0] = 2;
  assert.equal(errorOf(decodeChunk(bytes)), { kind: 'chunk-corrupt', reason: 'version 2 is not known' });
});

test('the checksum is CRC-32', () => {
  // The check value of the CRC catalogue for the digits 1 to 9.
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('merging tells what is new, and gives back the same chunk when nothing is', () => {
  const samples = minutesOfSteps(3);
  const chunk = merged(samples);
  const again = mergeChunk(chunk, columnsOf('heart_rate', samples), FIRST);
  assert.equal([again.stored, again.duplicates], [0, 3]);
  assert.is(again.chunk, chunk);
  const more = mergeChunk(chunk, columnsOf('heart_rate', minutesOfSteps(5)), FIRST);
  assert.equal([more.stored, more.duplicates], [2, 3]);
  assert.equal(more.chunk, merged(minutesOfSteps(5)));
});

test('every sample knows its uploads: sending again adds one, removing takes one', () => {
  const chunk = merged(minutesOfSteps(2), SECOND, merged(minutesOfSteps(3)));
  assert.equal(chunk.uploads, [FIRST, SECOND]);
  assert.equal(
    Array.from(chunk.uploadSet, (set) => chunk.uploadSets[set]),
    [[0, 1], [0, 1], [0]],
  );
  assert.equal(removeUpload(chunk, SECOND), { chunk: merged(minutesOfSteps(3)), removed: 0 });
  assert.equal(removeUpload(chunk, FIRST), { chunk: merged(minutesOfSteps(2), SECOND), removed: 1 });
  assert.equal(removeUpload(merged(minutesOfSteps(3)), FIRST), { chunk: null, removed: 3 });
  assert.equal(removeUpload(chunk, processingId('no such upload')), { chunk, removed: 0 });
});

test('removing an upload leaves what the other uploads alone would have made', () => {
  fc.assert(
    fc.property(
      samplesOfDay(DAY).chain((samples) =>
        fc.tuple(fc.subarray(samples, { minLength: 1 }), fc.subarray(samples, { minLength: 1 })),
      ),
      ([first, second]) => {
        const { chunk, removed } = removeUpload(merged(second, SECOND, merged(first)), FIRST);
        const alone = merged(second, SECOND);
        assert.equal([...chunk!.columns.startMs], [...alone.columns.startMs]);
        assert.equal([...chunk!.columns.value], [...alone.columns.value]);
        assert.equal(chunk!.uploads, [SECOND]);
        assert.is(removed, merged(second, SECOND, merged(first)).uploadSet.length - alone.uploadSet.length);
        assert.equal(
          chunk!.columns.sources.map(({ key }) => key),
          alone.columns.sources.map(({ key }) => key),
        );
      },
    ),
  );
});

test('samples of several days, of another day or of another type do not go into one chunk', () => {
  const today = minutesOfSteps(1);
  const tomorrow = today.map((sample) => ({
    ...sample,
    startMs: sample.startMs + MS_PER_DAY,
    endMs: sample.startMs + MS_PER_DAY + MS_PER_MINUTE,
  }));
  assert.throws(() => merged([...today, ...tomorrow]), /several UTC days/);
  assert.throws(() => merged(tomorrow, FIRST, merged(today)), /does not belong/);
  assert.throws(() => mergeChunk(merged(today), columnsOf('step_count', today), FIRST), /does not belong/);
  assert.throws(() => merged([]), /no sample/);
});

test('splitting by day keeps every sample in its order, and days ascend', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 60 })), (hours) => {
      const samples = hours.map((hour, i) => ({ startMs: hour * 60 * MS_PER_MINUTE, value: i, source: WATCH }));
      const pieces = splitByDay(columnsOf('step_count', [...samples, { startMs: 0, value: -1, source: PHONE }]));
      assert.equal(
        pieces.map(({ day }) => day),
        [...new Set([0, ...hours.map((hour) => Math.floor(hour / 24))])].toSorted((a, b) => a - b),
      );
      for (const { day, columns } of pieces) {
        const expected = [...hours.keys()].filter((i) => Math.floor(hours[i]! / 24) === day);
        assert.equal([...columns.value], day === 0 ? [...expected, -1] : expected);
        assert.ok(
          columns.startMs.every(
            (startMs, i) => startMs === (columns.value[i] === -1 ? 0 : samples[columns.value[i]!]!.startMs),
          ),
        );
      }
    }),
  );
});

test('one call touches every chunk once, types in order of appearance', () => {
  const of = (hour: number) => ({ startMs: hour * 60 * MS_PER_MINUTE, value: 1, source: WATCH });
  const additions = additionsOf([
    columnsOf('step_count', [of(25), of(1)]),
    columnsOf('heart_rate', [of(2)]),
    columnsOf('sleep_stage', []),
    columnsOf('step_count', [of(3)]),
  ]);
  assert.equal(
    additions.map(({ type, day, pieces }) => [type, day, pieces.length]),
    [
      ['step_count', 0, 2],
      ['step_count', 1, 1],
      ['heart_rate', 0, 1],
    ],
  );
});

test.run();
