import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AppleExportReader } from '../../../adapters/apple-export/export-reader.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { ByteSource, ExportProgress } from '../../../core/health-data/ports.ts';
import {
  byteSource,
  countOf,
  exportXml,
  readExport,
  record,
  refusal,
  rowsOf,
  WATCH_DEVICE,
  zipOf,
} from './export-fixtures.ts';
import { errorOf, valueOf } from '../result-values.ts';

const STEPS = { type: 'HKQuantityTypeIdentifierStepCount', unit: 'count', value: '31' };
const SLEEP = {
  type: 'HKCategoryTypeIdentifierSleepAnalysis',
  unit: null,
  startDate: '2024-01-01 01:00:00 +0100',
  endDate: '2024-01-01 02:00:00 +0100',
  value: 'HKCategoryValueSleepAnalysisAsleepDeep',
};
const zone = (name: string) => `  <MetadataEntry key="HKTimeZone" value="${name}"/>\n`;

test('reads records with and without children into samples by type', async () => {
  const motion = '  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n';
  const { summary, batches } = await readExport(
    exportXml(record() + record({}, motion) + record(STEPS) + record(SLEEP, zone('Europe/Berlin'))),
  );
  assert.is(summary.recordsSeen, 4);
  assert.equal(summary.samples, { heart_rate: 2, step_count: 1, sleep_stage: 1 });
  assert.equal(summary.notices, []);
  assert.equal(summary.timeZones, [{ name: 'Europe/Berlin', count: 1 }]);
  assert.equal(summary.utcOffsets, [{ minutes: 60, count: 4 }]);
  const startMs = Date.UTC(2024, 0, 1, 7);
  const source = "jo's apple watch|watch6,1";
  assert.equal(rowsOf(batches)[0], {
    type: 'heart_rate',
    startMs,
    endMs: startMs,
    value: 61,
    offsetMinutes: 60,
    source,
  });
});

test('a name written with references and one written in UTF-8 are the same source', async () => {
  const { batches } = await readExport(
    exportXml(
      record() +
        record({ sourceName: 'Jo&#8217;s Apple&#160;Watch' }) +
        record({ sourceName: 'Jo&#x2019;s Apple&#xA0;Watch' }),
    ),
  );
  assert.is(batches[0]?.sources.length, 1);
  assert.is(batches[0]?.sources[0]?.name, 'Jo’s Apple Watch');
});

test('one device under many memory addresses and versions is one source', async () => {
  const records = Array.from({ length: 500 }, (_, n) =>
    record({
      device: WATCH_DEVICE.replace('0x282c0d0e0', `0x${(n * 64).toString(16)}`).replace('10.1', `10.${String(n % 4)}`),
      sourceVersion: `10.${String(n % 4)}`,
    }),
  );
  const { batches, summary } = await readExport(exportXml(records.join('')));
  assert.equal(summary.samples, { heart_rate: 500 });
  assert.equal(
    batches[0]?.sources.map(({ key }) => key),
    ["jo's apple watch|watch6,1"],
  );
});

test('watch and phone taking turns stay two sources', async () => {
  const phone = WATCH_DEVICE.replace('Watch6,1', 'iPhone14,2');
  const pair = record(STEPS) + record({ ...STEPS, sourceName: 'Jo’s iPhone', device: phone });
  const { batches } = await readExport(exportXml(pair.repeat(50)));
  assert.equal(
    batches[0]?.sources.map(({ device }) => device),
    ['watch', 'phone'],
  );
  assert.equal(Array.from(batches[0]?.source.slice(0, 4) ?? []), [0, 1, 0, 1]);
});

test('records inside of a correlation are not counted twice', async () => {
  const systolic = record({ type: 'HKQuantityTypeIdentifierBloodPressureSystolic', unit: 'mmHg', value: '120' });
  const diastolic = record({ type: 'HKQuantityTypeIdentifierBloodPressureDiastolic', unit: 'mmHg', value: '80' });
  const correlation = ` <Correlation type="HKCorrelationTypeIdentifierBloodPressure" startDate="x">\n${zone('Asia/Tokyo')}${systolic}${diastolic} </Correlation>\n`;
  const { summary } = await readExport(exportXml(systolic + diastolic + correlation + record()));
  assert.is(summary.recordsSeen, 3);
  assert.equal(summary.samples, { blood_pressure_systolic: 1, blood_pressure_diastolic: 1, heart_rate: 1 });
  assert.equal(summary.timeZones, []);
});

test('workouts, summaries, clinical records and the person’s characteristics make no samples and no noise', async () => {
  const other =
    ' <Me HKCharacteristicTypeIdentifierDateOfBirth="1980-01-01" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet"/>\n' +
    ' <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30" durationUnit="min">\n' +
    zone('Europe/Lisbon') +
    '  <WorkoutEvent type="HKWorkoutEventTypePause" date="2024-01-01 08:00:00 +0100"/>\n' +
    '  <WorkoutStatistics type="HKQuantityTypeIdentifierStepCount" sum="900" unit="count"/>\n </Workout>\n' +
    ' <ActivitySummary dateComponents="2024-01-01" activeEnergyBurned="500"/>\n' +
    ' <ClinicalRecord type="HKClinicalTypeIdentifierLabResultRecord" resourceFilePath="/a.json"/>\n';
  const { summary } = await readExport(exportXml(other + record()));
  assert.is(summary.recordsSeen, 1);
  assert.equal(summary.notices, []);
  assert.equal(summary.timeZones, [{ name: 'Europe/Lisbon', count: 1 }]);
  assert.not.match(JSON.stringify(summary), '1980');
});

test('heart beat lists and character data inside of records are passed over', async () => {
  const beats =
    '  <HeartRateVariabilityMetadataList>\n' +
    '   <InstantaneousBeatsPerMinute bpm="61" time="8:05:43,12 AM"/>\n'.repeat(60) +
    '  </HeartRateVariabilityMetadataList>\n  <!-- <Record type="no"/> -->\n  <![CDATA[<Record/>]]>\n  <?ignore <Record/> ?>\n';
  const hrv = { type: 'HKQuantityTypeIdentifierHeartRateVariabilitySDNN', unit: 'ms', value: '43.2' };
  const { summary } = await readExport(exportXml(record(hrv, beats) + record()));
  assert.is(summary.recordsSeen, 2);
  assert.equal(summary.notices, []);
});

test('zones and offsets are listed most frequent first', async () => {
  const at = (offset: string) => ({
    startDate: `2024-01-01 08:00:00 ${offset}`,
    endDate: `2024-01-01 08:00:00 ${offset}`,
  });
  const { summary } = await readExport(
    exportXml(
      record(at('+0530'), zone('Asia/Kolkata')) +
        record(at('-0800'), zone('America/Los_Angeles')) +
        record(at('+0530'), zone('Asia/Kolkata')) +
        record({}, zone('not a zone')),
    ),
  );
  assert.equal(summary.timeZones, [
    { name: 'Asia/Kolkata', count: 2 },
    { name: 'America/Los_Angeles', count: 1 },
  ]);
  assert.equal(summary.utcOffsets, [
    { minutes: 330, count: 2 },
    { minutes: -480, count: 1 },
    { minutes: 60, count: 1 },
  ]);
});

test('hands samples on in bounded sets, waits for the sink, and reports how far it is', async () => {
  const xml = exportXml(record().repeat(2000));
  const seen: ExportProgress[] = [];
  let isBusy = false;
  let largest = 0;
  const outcome = await new AppleExportReader({ samplesPerBatch: 300 }).read(byteSource(xml), (batches, progress) => {
    assert.is(isBusy, false);
    isBusy = true;
    largest = Math.max(largest, ...batches.map(({ startMs }) => startMs.length));
    seen.push(progress);
    const later = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      isBusy = false;
    });
    return okAsync(undefined).map(() => later);
  });
  const size = Buffer.byteLength(xml);
  assert.is(valueOf(outcome).samples.heart_rate, 2000);
  assert.ok(seen.length > 3);
  // A set is complete with the piece of the file (64 KiB) in which the bound is passed.
  assert.ok(largest < 300 + 65_536 / 300);
  assert.equal(
    seen.map(({ bytesRead }) => bytesRead),
    [...seen.map(({ bytesRead }) => bytesRead)].sort((a, b) => a - b),
  );
  assert.equal(seen.at(-1), { bytesRead: size, bytesTotal: size });
  assert.is(valueOf(outcome).xmlBytes, size);
});

test('a sink that fails ends the reading with its error', async () => {
  let calls = 0;
  const outcome = await new AppleExportReader({ samplesPerBatch: 10 }).read(
    byteSource(exportXml(record().repeat(5000))),
    () => {
      calls += 1;
      return errAsync(portUnavailable('SampleStore', 'append', 'disk full'));
    },
  );
  assert.equal(errorOf(outcome), portUnavailable('SampleStore', 'append', 'disk full'));
  assert.is(calls, 1);
});

function failingAfter(content: Uint8Array, bytes: number): ByteSource {
  return {
    sizeBytes: content.length,

    async *stream({ start, end } = { start: 0, end: content.length }) {
      if (start < bytes) yield content.subarray(start, Math.min(end, bytes));
      if (end > bytes) throw new Error('connection reset');
    },
  };
}

test('a store that fails in the middle is not mistaken for a damaged file', async () => {
  const xml = Buffer.from(exportXml(record().repeat(500)));
  const failure = {
    kind: 'port-unavailable',
    port: 'ByteSource',
    operation: 'stream',
    cause: 'Error: connection reset',
    retryable: true,
  };
  assert.equal(await refusal(failingAfter(xml, 5000)), failure);
  const zip = await zipOf({
    'apple_health_export/export.xml': Array.from({ length: 500 }, (_, n) =>
      record({ value: String(50 + (n % 99)) }),
    ).join(''),
  });
  assert.equal(await refusal(failingAfter(zip, 100)), failure);
});

test('other work gets its turn while a file is read from memory', async () => {
  let turns = 0;
  let isReading = true;
  const count = (): void => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  await readExport(exportXml(record().repeat(8000)));
  isReading = false;
  assert.ok(turns >= 5, String(turns));
});

test('the date of the export bounds what a record may be dated', async () => {
  const later = { startDate: '2024-01-04 00:00:00 +0100', endDate: '2024-01-04 00:00:00 +0100' };
  const { summary } = await readExport(exportXml(record() + record(later)));
  assert.is(countOf(summary, 'date-out-of-range'), 1);
  const undated = exportXml(record(later)).replace(/<ExportDate[^>]*>/, '');
  assert.equal((await readExport(undated)).summary.samples, { heart_rate: 1 });
});

test.run();
