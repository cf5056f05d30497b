import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeExportZip } from '../../adapters/apple-export/write-export.ts';
import { localZone } from '../../core/kernel/local-time.ts';
import { simulatePerson } from '../../core/simulation/simulate-person.ts';
import { valueOf } from '../unit/result-values.ts';
import {
  callerOf,
  startProcess,
  startWorkerProcess,
  untilProcessed,
  type Call,
  type RunningProcess,
  type RunningService,
} from './running-service.ts';

/** A serving process that works on no jobs and a worker that does, on one data folder. The steps build on each other. */
const workers = suite('a worker beside the service');

let folder = '';
let service: RunningService;
let worker: RunningProcess | null = null;
let call: Call;
let token = '';
let exportFile = '';

const settings = () => ({ DATA_DIR: path.join(folder, 'data'), LOG_LEVEL: 'info' });

const upload = async (): Promise<string> => {
  const body = await readFile(exportFile);
  const answer = await call('POST', '/api/v1/healthkit/export', { token, body, type: 'application/zip' });
  assert.is(answer.status, 202, answer.text);
  return answer.json.processing_id as string;
};

workers.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-worker-'));
  exportFile = path.join(folder, 'export.zip');
  const zone = valueOf(localZone('Europe/Berlin'));
  valueOf(await writeExportZip(simulatePerson({ seed: 3, days: 8, zone }), exportFile));
  service = await startProcess({ ...settings(), RUN_JOBS: 'false' });
  call = callerOf(service.url);
  const registered = await call('POST', '/api/v1/auth/register', {
    json: { email: 'ada@example.org', password: 'Correct-horse-7' },
  });
  token = registered.json.access_token;
});

workers.after(async () => {
  await worker?.stop();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

workers('a service that works on no jobs says who does, and is as healthy as it was', async () => {
  const ready = await call('GET', '/api/v1/health/ready');
  assert.is(ready.status, 200);
  const { status, message } = ready.json.checks.jobs;
  assert.equal([status, message], ['healthy', 'worker processes work on jobs']);
});

workers('an upload waits for a worker, which analyses it', async () => {
  const id = await upload();
  const waiting = await call('GET', `/api/v1/health-data/processing/${id}`, { token });
  assert.is(waiting.json.status, 'processing');
  worker = await startWorkerProcess({ ...settings(), CONCURRENT_JOBS: '2' });
  assert.match(worker.printed(), /queued uploads, 2 at a time/);
  const processed = await untilProcessed(call, token, id);
  assert.is(processed.json.status, 'completed', processed.text);
  const analysis = await call('GET', `/api/v1/pat/analysis/${id}`, { token });
  assert.is(analysis.status, 200);
  assert.type(analysis.json.details.rhythm.interdaily_stability, 'number');
  assert.not.match(service.printed(), 'job done');
});

workers('a worker that is told to stop ends well, and the next one goes on', async () => {
  assert.is(await worker?.stop(), 0);
  assert.match(worker?.printed() ?? '', 'job done');
  const id = await upload();
  worker = await startWorkerProcess(settings());
  assert.is((await untilProcessed(call, token, id)).json.status, 'completed');
  assert.is(await worker.stop(), 0);
  worker = null;
});

workers('a worker refuses what it could not do, and says why', async () => {
  for (const [wrong, words] of [
    [{ STORAGE: 'memory' }, /no other process can put jobs/],
    [{ CONCURRENT_JOBS: 'many' }, /CONCURRENT_JOBS: expected a whole number/],
  ] as const) {
    const refusal = await startWorkerProcess({ ...settings(), ...wrong }).then(
      () => 'it started',
      (cause: unknown) => String(cause),
    );
    assert.match(refusal, /ended with 1/);
    assert.match(refusal, words);
  }
});

workers.run();
