import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startProcess, type RunningService } from './running-service.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * What somebody gets who has our OpenAPI document and a generator of clients from the registry, and nothing else of ours:
 * the document is fetched from the running service, `oazapfts` makes a client of it, and the client walks the journey.
 */
const journey = suite('a client that was generated from the OpenAPI document');

const PASSWORD = 'Correct-horse-7';
const EMAIL = 'ada@example.org';
/** 2025-02-03T00:00:00Z, a Monday. */
const MONDAY_MS = 1_738_540_800_000;

let folder = '';
let service: RunningService;
/** The generated module: its functions are the operations of the document. */
let api: any;
let userId = '';
let uploadId = '';
let analysisId = '';
let insightId = '';

const run = (program: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, out, notes) => {
      if (error === null) resolve();
      else reject(new Error(`${path.basename(program)} failed: ${out}${notes}`));
    });
  });

journey('it is made from the served document alone', async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-generated-'));
  service = await startProcess({ DATA_DIR: path.join(folder, 'data') });
  const answer = await fetch(`${service.url}/openapi.json`);
  assert.is(answer.status, 200);
  await writeFile(path.join(folder, 'openapi.json'), await answer.text());
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  // The generated code asks for the generator's own runtime, and for no other package.
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await run(path.join(root, 'node_modules/oazapfts/dist/cli.js'), [
    'openapi.json',
    'client.ts',
    '--argumentStyle=object',
  ]);
  api = await import(pathToFileURL(path.join(folder, 'client.ts')).href);
  api.defaults.baseUrl = service.url;
});

journey('it is sound under the strictest checks of the compiler', () =>
  run(path.join(root, 'node_modules/typescript/bin/tsc'), [
    ...['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--skipLibCheck'],
    ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom,dom.iterable'],
    'client.ts',
  ]),
);

journey('a person registers with it', async () => {
  const refused = await api.register({ registration: { email: EMAIL, password: 'short' } });
  assert.is(refused.status, 400);
  assert.is(refused.data.code, 'weak-password');
  const { status, data } = await api.register({ registration: { email: EMAIL, password: PASSWORD } });
  assert.is(status, 201);
  api.defaults.headers = { Authorization: `Bearer ${data.access_token}` };
  const me = await api.describeMe();
  assert.is(me.status, 200);
  assert.is(me.data.email, EMAIL);
  userId = me.data.user_id;
});

const upload = () => ({
  user_id: userId,
  upload_source: 'generated_client',
  client_timestamp: '2025-02-05T08:00:00+01:00',
  metrics: [61, 64, 66].map((heart_rate, i) => ({
    metric_type: 'heart_rate',
    biometric_data: { heart_rate },
    created_at: `2025-02-04T0${i}:00:00+01:00`,
  })),
});

journey('she uploads, and the same call under the same key is the same upload', async () => {
  const call = { idempotencyKey: 'upload-1', healthDataUpload: upload() };
  const first = await api.uploadHealthData(call);
  assert.is(first.status, 201);
  assert.is(first.data.accepted_metrics, 3);
  uploadId = first.data.processing_id;
  const again = await api.uploadHealthData(call);
  assert.is(again.status, 201);
  assert.is(again.data.processing_id, uploadId);
});

journey('she asks how far it is until it is done', async () => {
  let state = await api.readProcessing({ processingId: uploadId });
  while (state.data.status === 'received' || state.data.status === 'processing') {
    state = await api.readProcessing({ processingId: uploadId });
  }
  assert.is(state.status, 200);
  assert.is(state.data.status, 'completed');
});

journey('she walks through her metrics page by page', async () => {
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listHealthData({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    assert.is(page.status, 200);
    seen.push(...page.data.data.map((metric: any) => metric.biometric_data.heart_rate));
    cursor = page.data.pagination.next_cursor ?? undefined;
  } while (cursor !== undefined);
  assert.equal(seen, [66, 64, 61]);
});

journey('she has two days of minutes analysed, and reads the analysis again', async () => {
  const data_points = Array.from({ length: 2880 }, (_, i) => ({
    timestamp: new Date(MONDAY_MS + i * 60_000).toISOString(),
    value: i % 1440 >= 420 && i % 1440 < 1380 ? 200 + ((i * 7919) % 401) : 0,
  }));
  const made = await api.analyzeCounts({ analysisRequest: { data_points } });
  assert.is(made.status, 200);
  assert.is(made.data.analysis.user_id, userId);
  analysisId = made.data.analysis_id;
  const read = await api.readAnalysis({ processingId: analysisId });
  assert.is(read.status, 200);
  assert.is(read.data.status, 'completed');
});

journey('she has it put into words, and finds the insight again', async () => {
  const made = await api.generateInsight({ insightRequest: { processing_id: analysisId } });
  assert.is(made.status, 200);
  insightId = made.data.metadata.insight_id;
  const read = await api.readInsight({ insightId });
  assert.is(read.status, 200);
  assert.is(read.data.data.narrative, made.data.data.narrative);
  const history = await api.insightHistory({ userId });
  assert.is(history.data.data.total_count, 1);
});

journey('problems come typed: what is missing, what is wrong, what is not hers', async () => {
  const unknown = await api.readProcessing({ processingId: '00000000-0000-4000-8000-000000000000' });
  assert.is(unknown.status, 404);
  assert.is(unknown.data.code, 'resource-not-found');
  const wrong = await api.uploadHealthData({ healthDataUpload: { ...upload(), misspelt: 1 } });
  assert.is(wrong.status, 422);
  assert.equal(
    wrong.data.errors.map(({ pointer }: any) => pointer),
    ['/misspelt'],
  );
  const foreign = await api.uploadHealthData({ healthDataUpload: { ...upload(), user_id: 'somebody-else' } });
  assert.is(foreign.status, 403);
});

journey('she deletes an upload, and it is gone', async () => {
  const deleted = await api.deleteHealthData({ processingId: uploadId });
  assert.is(deleted.status, 200);
  assert.is(deleted.data.processing_id, uploadId);
  assert.is((await api.readProcessing({ processingId: uploadId })).status, 404);
  assert.equal((await api.listHealthData({})).data.data, []);
});

journey('she has everything erased, and is nobody', async () => {
  const refused = await api.deleteMe({});
  assert.is(refused.status, 422);
  assert.is(refused.data.code, 'confirmation-required');
  assert.is((await api.deleteMe({ confirm: userId })).status, 200);
  assert.is((await api.describeMe()).status, 401);
  const login = await api.login({ login: { email: EMAIL, password: PASSWORD } });
  assert.is(login.status, 401);
});

journey.after(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

journey.run();
