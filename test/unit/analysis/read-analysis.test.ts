import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { AnalysisRecord, AnalysisScope } from '../../../core/analysis/ports.ts';
import { readAnalysis } from '../../../core/analysis/read-analysis.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { analysisId, processingId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { MONDAY_MS, recording, WEEK_COUNTS } from './recordings.ts';

const UPLOAD = processingId('upload-1');
const COMMAND = { owner: ADA, upload: UPLOAD, week: null };

async function record(scope: AnalysisScope, week: number): Promise<AnalysisRecord> {
  const analysed = valueOf(
    await analyzeSeries(memoryWorld())(recording({ startMs: MONDAY_MS + 7 * week * MS_PER_DAY, values: WEEK_COUNTS })),
  );
  const id = analysisId(`${scope}-${week}`);
  return { owner: ADA, analysisId: id, upload: UPLOAD, scope, createdAtMs: NOW_MS, ...analysed };
}

async function worldWithUpload(records: readonly AnalysisRecord[] = []): Promise<World> {
  const world = memoryWorld();
  const upload = newUpload({
    owner: ADA,
    processingId: UPLOAD,
    kind: 'healthkit-export',
    uploadSource: 'test',
    timezone: null,
    syncToken: null,
    nowMs: NOW_MS,
  });
  valueOf(await world.uploads.insert(upload));
  valueOf(await world.analyses.replaceForUpload(ADA, UPLOAD, records));
  return world;
}
const RECORDS = await Promise.all([record('window', 0), record('week', 1), record('week', 0)]);

test("without a week it is the window's analysis, with the Mondays of all weeks in time order", async () => {
  const found = valueOf(await readAnalysis(await worldWithUpload(RECORDS))(COMMAND));
  assert.is(found.upload.processingId, UPLOAD);
  assert.is(found.analysis?.analysisId, 'window-0');
  assert.equal(found.weeks, ['2025-01-06', '2025-01-13']);
});

test('a week is named by its Monday', async () => {
  const read = readAnalysis(await worldWithUpload(RECORDS));
  const found = valueOf(await read({ ...COMMAND, week: '2025-01-13' }));
  assert.is(found.analysis?.analysisId, 'week-1');
  assert.equal(found.weeks, ['2025-01-06', '2025-01-13']);
});

test('a week without a result is not found', async () => {
  const read = readAnalysis(await worldWithUpload(RECORDS));
  for (const week of ['2025-01-20', '2025-01-07', 'nonsense']) {
    const error = errorOf(await read({ ...COMMAND, week }));
    assert.equal(error, { kind: 'not-found', resource: 'analysis', id: `upload-1 ${week}` });
  }
});

test('an upload without a result yet is no error', async () => {
  const found = valueOf(await readAnalysis(await worldWithUpload())(COMMAND));
  assert.is(found.analysis, null);
  assert.equal(found.weeks, []);
  assert.is(found.upload.status, 'received');
});

test("an unknown upload and another person's are the same not-found", async () => {
  const read = readAnalysis(await worldWithUpload(RECORDS));
  const foreign = errorOf(await read({ ...COMMAND, owner: BOB }));
  assert.equal(foreign, { kind: 'not-found', resource: 'processing', id: 'upload-1' });
  assert.is(errorOf(await read({ ...COMMAND, upload: processingId('upload-2') })).kind, 'not-found');
});

test('a store that fails is the failure of the reading', async () => {
  const down = portUnavailable('AnalysisStore', 'listForUpload', 'the database is locked');
  const world = await worldWithUpload(RECORDS);
  const analyses = replacing(world.analyses, { listForUpload: failing(down) });
  assert.equal(errorOf(await readAnalysis({ ...world, analyses })(COMMAND)), down);
});

test.run();
