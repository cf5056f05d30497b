import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportXml } from '../../../adapters/apple-export/simulated-export-xml.ts';
import { assembleNights } from '../../../core/apple-health/nights.ts';
import { localZone, parseIsoDate } from '../../../core/kernel/local-time.ts';
import { simulatePerson } from '../../../core/simulation/simulate-person.ts';
import { countOf, readExport, rowsOf, total, zipOf } from './export-fixtures.ts';
import { valueOf } from '../result-values.ts';

/** Two weeks with the change to summer time in their middle. */
const recording = simulatePerson({
  seed: 7,
  days: 14,
  zone: valueOf(localZone('Europe/Berlin')),
  firstDay: parseIsoDate('2025-03-24') as number,
});
const tally = { records: 0 };
const xml = [...exportXml(recording, tally)].join('');

test('every record of a simulated person becomes a sample of the device that wrote it', async () => {
  const { summary, batches } = await readExport(await zipOf({ 'apple_health_export/export.xml': xml }));
  assert.is(summary.recordsSeen, tally.records);
  assert.is(total(summary.samples) + countOf(summary, 'unknown-type'), tally.records);
  assert.equal(
    summary.notices.filter(({ code }) => code !== 'unknown-type'),
    [],
  );
  assert.is(summary.timeZones[0]?.name, 'Europe/Berlin');
  assert.equal(summary.utcOffsets.map(({ minutes }) => minutes).sort(), [120, 60]);
  const devices = new Set(batches.flatMap(({ sources }) => sources.map(({ key, device }) => `${device} ${key}`)));
  assert.is(devices.size, 2);
});

test('steps and heart beats arrive with their values', async () => {
  const { batches } = await readExport(xml);
  const read = rowsOf(batches);
  for (const record of recording.records()) {
    if (record.type !== 'HKQuantityTypeIdentifierStepCount') continue;
    const second = (ms: number) => Math.floor(ms / 1000) * 1000;
    const found = read.find(
      (row) =>
        row.type === 'step_count' && row.startMs === second(record.startMs) && row.value === Number(record.value),
    );
    assert.ok(found !== undefined && found.endMs === second(record.endMs));
  }
});

test('nights are as long as the simulated person slept, in the night of the clock change too', async () => {
  const { batches } = await readExport(xml);
  const sleep = batches.find(({ type }) => type === 'sleep_stage') ?? null;
  const nights = assembleNights(sleep, recording.zone, { fromMs: recording.startMs, toMs: recording.endMs });
  assert.ok(
    nights.some(({ date }) => date === '2025-03-29'),
    'the night of the clock change was recorded',
  );
  assert.ok(nights.length >= 10);
  for (const night of nights) {
    const truth = recording.asleep.subarray(
      Math.round((night.startMs - recording.startMs) / 60_000),
      Math.round((night.endMs - recording.startMs) / 60_000),
    );
    const trueMinutes = truth.reduce((sum, asleep) => sum + asleep, 0);
    assert.ok(
      Math.abs((night.asleepMinutes ?? NaN) - trueMinutes) <= 20,
      `${night.date}: ${String(night.asleepMinutes)} for ${String(trueMinutes)}`,
    );
  }
});

test.run();
