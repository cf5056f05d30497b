import { deflateRawSync, crc32 } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { okAsync } from 'neverthrow';
import { AppleExportReader } from '../../../adapters/apple-export/export-reader.ts';
import { byteSource, craftedZip, exportXml, record, rejectedRecords, rowsOf, total } from './export-fixtures.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';

const XML = Buffer.from(
  exportXml(
    record() +
      record({ type: 'HKQuantityTypeIdentifierStepCount', unit: 'count', value: '31' }) +
      record({ value: '0' }, '  <MetadataEntry key="HKTimeZone" value="Europe/Berlin"/>\n') +
      ` <Correlation type="x">\n${record()} </Correlation>\n` +
      record({
        type: 'HKCategoryTypeIdentifierSleepAnalysis',
        unit: null,
        value: 'HKCategoryValueSleepAnalysisAsleep',
      }) +
      record(),
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record*)>\n]>\n',
  ),
);
const ZIP = craftedZip({
  name: 'apple_health_export/export.xml',
  content: XML,
  stored: deflateRawSync(XML),
  crc32: crc32(XML),
});

/** Changes that leave a file of nearly the same bytes. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('end' as const), at: fc.nat() }),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer One> ? One : never;

function mutated(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((changed, one) => {
    if (changed.length === 0) return changed;
    const at = one.at % changed.length;
    switch (one.kind) {
      case 'set': {
        const copy = Buffer.from(changed);
        copy[at] = one.byte;
        return copy;
      }
      case 'cut':
        return Buffer.concat([changed.subarray(0, at), changed.subarray(at + one.length)]);
      case 'repeat':
        return Buffer.concat([changed.subarray(0, at + one.length), changed.subarray(at)]);
      case 'end':
        return changed.subarray(0, at);
    }
  }, bytes);
}

/** Reads the bytes and checks what must hold of any answer. */
async function readsSoundly(bytes: Buffer): Promise<void> {
  const batches: SampleColumns[] = [];
  const outcome = await new AppleExportReader({ samplesPerBatch: 2 }).read(byteSource(bytes, 97), (taken) => {
    batches.push(...taken);
    return okAsync(undefined);
  });
  if (outcome.isErr()) {
    const { error } = outcome;
    assert.is(error.kind, 'export-unreadable');
    assert.ok('place' in error && error.place !== '' && error.message !== '');
    return;
  }
  const summary = outcome.value;
  const rows = rowsOf(batches);
  assert.is(total(summary.samples), rows.length);
  assert.is(summary.recordsSeen, rows.length + rejectedRecords(summary));
  assert.ok(summary.recordsSeen > 0 || summary.notices.length > 0, 'nothing was read, and nothing is said about it');
  for (const { startMs, endMs, value } of rows) {
    assert.ok(Number.isFinite(startMs) && endMs >= startMs && Number.isFinite(value));
  }
}

test('a document with random changes never throws, never hangs and never loses count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) =>
      readsSoundly(mutated(XML, mutations)),
    ),
    { numRuns: 3000 },
  );
});

test('an archive with random changes never throws, never hangs and never loses count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) =>
      readsSoundly(mutated(ZIP, mutations)),
    ),
    { numRuns: 1500 },
  );
});

test('random bytes are refused or read, never more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('', '<', '<HealthData>', '<?xml?><HealthData><Record ', 'PK\u0003\u0004', 'PK\u0005\u0006'),
      fc.uint8Array({ maxLength: 300 }),
      (start, bytes) => readsSoundly(Buffer.concat([Buffer.from(start), bytes])),
    ),
    { numRuns: 1500 },
  );
});

test.run();
