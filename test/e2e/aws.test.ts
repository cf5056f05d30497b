import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openStorage } from '../../hosts/wiring/open-storage.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { eraseAccount } from '../../core/account/erase-account.ts';
import { userId } from '../../core/kernel/ids.ts';
import { makeBucket, type BucketUnderTest } from '../emulators/buckets.ts';
import { isCognitoLocal, makePool, SENT_CODE, type PoolUnderTest } from '../emulators/cognito.ts';
import { makeQueues, type QueuesUnderTest } from '../emulators/queues.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { awsEnvironment } from './aws-service.ts';
import {
  callerOf,
  runClarity,
  startProcess,
  startWorkerProcess,
  untilProcessed,
  type Call,
  type RunningService,
} from './running-service.ts';

/** The whole journey on the profile `aws`: the service and a worker in processes of their own, AWS behind the wire. */
const journey = suite('the whole journey on AWS');

const PASSWORD = 'Correct-horse-7';
const DAYS = 10;

let folder = '';
let queues: QueuesUnderTest;
let bucket: BucketUnderTest;
let pool: PoolUnderTest;
/** What is to be closed, in this order. */
const opened: { readonly close: () => Promise<void> }[] = [];
let environment: Record<string, string> = {};
let service: RunningService;
let worker: Awaited<ReturnType<typeof startWorkerProcess>>;
let call: Call;

/** A confirmed account's access token and id. */
async function person(email: string): Promise<{ readonly token: string; readonly id: string }> {
  const registered = await call('POST', '/api/v1/auth/register', { json: { email, password: PASSWORD } });
  assert.is(registered.status, 202, registered.text);
  assert.equal(registered.json, { requires_email_verification: true });
  if (isCognitoLocal) {
    const confirmed = await call('POST', '/api/v1/auth/confirm-email', { json: { email, code: SENT_CODE } });
    assert.is(confirmed.status, 200, confirmed.text);
  } else await pool.activate(email);
  const login = await call('POST', '/api/v1/auth/login', { json: { email, password: PASSWORD } });
  assert.is(login.status, 200, login.text);
  const token: string = login.json.access_token;
  return { token, id: (await call('GET', '/api/v1/auth/me', { token })).json.user_id };
}

let ada = { token: '', id: '' };
let bob = { token: '', id: '' };
let first = '';

journey.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-aws-'));
  queues = await makeQueues();
  opened.push(queues);
  bucket = await makeBucket();
  opened.push(bucket);
  pool = await makePool();
  opened.push(pool);
  environment = awsEnvironment({ queues, bucket, pool });
  const simulated = await runClarity(folder, [
    'simulate',
    '--days',
    String(DAYS),
    '--seed',
    '5',
    '--out',
    'export.zip',
  ]);
  assert.is(simulated.code, 0, simulated.notes);
  service = await startProcess({ ...environment, RUN_JOBS: 'false' });
  worker = await startWorkerProcess(environment);
  call = callerOf(service.url);
});

journey.after(async () => {
  for (const { close } of opened) await close();
  await rm(folder, { recursive: true });
});

journey('everything that is needed is there, and ready', async () => {
  const { status, json } = await call('GET', '/api/v1/health/ready');
  assert.is(status, 200, JSON.stringify(json));
});

journey('an account is usable once its address is confirmed', async () => {
  ada = await person('ada@example.org');
  bob = await person('bob@example.org');
  assert.is.not(ada.id, bob.id);
});

journey('an export is kept, imported and analysed by the worker', async () => {
  const body = await readFile(path.join(folder, 'export.zip'));
  const where = '/api/v1/healthkit/export?timezone=Europe/Berlin';
  const receipt = await call('POST', where, { token: ada.token, body, type: 'application/zip' });
  assert.is(receipt.status, 202, receipt.text);
  first = receipt.json.processing_id;
  const { json } = await untilProcessed(call, ada.token, first);
  assert.is(json.status, 'completed', JSON.stringify(json));
  assert.ok(json.accepted.heart_rate > 0 && json.accepted.step_count > 0);
  const analysis = await call('GET', `/api/v1/pat/analysis/${first}`, { token: ada.token });
  assert.is(analysis.status, 200);
  assert.type(analysis.json.pat_features.interdaily_stability, 'number');
});

journey("somebody else's upload reads like none", async () => {
  const theirs = await call('GET', `/api/v1/pat/analysis/${first}`, { token: bob.token });
  const none = await call('GET', '/api/v1/pat/analysis/00000000-0000-4000-8000-000000000000', { token: bob.token });
  assert.equal([theirs.status, none.status], [404, 404]);
});

journey('the same file, sent straight to the bucket, adds nothing', async () => {
  const body = await readFile(path.join(folder, 'export.zip'));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const json = { bytes: body.length, sha256, format: 'zip', timezone: 'Europe/Berlin' };
  const granted = await call('POST', '/api/v1/healthkit/export/presign', { token: ada.token, json });
  assert.is(granted.status, 200, granted.text);
  const { upload, processing_id: id, complete_url: completeUrl } = granted.json;
  assert.is((await call('POST', completeUrl, { token: ada.token })).status, 409);
  assert.is((await call('POST', completeUrl, { token: bob.token })).status, 404);
  const sent = await fetch(upload.url, { method: upload.method, headers: upload.headers, body });
  assert.is(sent.status, 200, await sent.text());
  const receipt = await call('POST', completeUrl, { token: ada.token });
  assert.equal([receipt.status, receipt.json.sha256], [202, sha256]);
  const { json: state } = await untilProcessed(call, ada.token, id);
  assert.equal([state.status, state.accepted], ['completed', {}]);
  assert.ok(state.duplicates.heart_rate > 0);
});

journey('metrics are stored once and listed', async () => {
  const metric = {
    metric_type: 'heart_rate',
    created_at: '2025-03-10T12:00:00Z',
    biometric_data: { heart_rate: 61 },
  };
  const upload = {
    user_id: ada.id,
    upload_source: 'test',
    client_timestamp: '2025-03-10T12:00:00Z',
    metrics: [metric],
  };
  const stored = await call('POST', '/api/v1/health-data', { token: ada.token, json: upload });
  const again = await call('POST', '/api/v1/health-data', { token: ada.token, json: upload });
  assert.equal([stored.json.accepted_metrics, again.json.duplicate_metrics], [1, 1]);
  for (const { json } of [stored, again]) await untilProcessed(call, ada.token, json.processing_id);
  const listed = await call('GET', '/api/v1/health-data', { token: ada.token });
  assert.equal([listed.json.data.length, listed.json.data[0].processing_id], [1, stored.json.processing_id]);
});

journey('the processes end when they are told to', async () => {
  assert.equal([await service.stop(), await worker.stop()], [0, 0]);
  assert.is(await queues.messageCount(), 0);
});

journey('a person moves to another installation, with a proof', async () => {
  const args = ['migrate', '--from', 'aws', '--to', 'embedded', '--data-dir', 'moved', '--user', ada.id];
  const moved = await runClarity(folder, args, environment);
  assert.is(moved.code, 0, moved.notes + moved.out);
  assert.is((moved.out + moved.notes).match(/ equal$/gm)?.length, 6);
});

journey('an erased account leaves nothing, in no store, and touches nobody else', async () => {
  const storage = valueOf(await openStorage(valueOf(readConfig({ ...process.env, ...environment }))));
  const { people } = storage;
  assert.is(people.kind, 'cognito');
  if (people.kind !== 'cognito') return;
  const platform = { digest: nodeDigest, clock: systemClock };
  valueOf(await eraseAccount({ ...storage, ...platform, identities: people.provider })(userId(ada.id)));
  const items = await queues.table.scan();
  assert.equal(
    items.filter((item) => JSON.stringify(item).includes(ada.id)),
    [],
  );
  assert.equal(
    items.map(({ sk }) => sk).filter((sk) => sk.includes(first)),
    [],
  );
  assert.equal(await bucket.keys(), []);
  assert.is(errorOf(await people.provider.profile(userId(ada.id))).kind, 'unknown-user');
  assert.is(valueOf(await people.provider.profile(userId(bob.id))).email, 'bob@example.org');
  await storage.close();
});

journey.run();
