import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBucket, type BucketUnderTest } from '../emulators/buckets.ts';
import { writeSeededH5 } from '../fixtures/pat/write-h5.ts';
import { callerOf, runClarity, startProcess, type Ended } from './running-service.ts';

/** Models that live in a bucket, installed by the command and used by the service. */
const models = suite('models in a bucket');

let folder = '';
let bucket: BucketUnderTest;
let environment: Record<string, string> = {};

models.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-s3-models-'));
  bucket = await makeBucket();
  environment = { S3_ENDPOINT_URL: bucket.endpointUrl };
  await writeFile(path.join(folder, 'PAT-S_29k_weights.h5'), await writeSeededH5('S'));
});

models.after(async () => {
  await bucket.close();
  await rm(folder, { recursive: true });
});

const place = (): string => `s3://${bucket.name}/pat/models`;
const clarity = (...args: readonly string[]): Promise<Ended> => runClarity(folder, args, environment);

models('weights are installed from a file, and from an object, into the bucket', async () => {
  const installed = await clarity('models', 'install', 'PAT-S_29k_weights.h5', '--dir', place());
  assert.is(installed.code, 0, installed.notes);
  await bucket.plant('incoming/PAT-S_29k_weights.h5', await readFile(path.join(folder, 'PAT-S_29k_weights.h5')));
  const again = await clarity(
    'models',
    'install',
    `s3://${bucket.name}/incoming/PAT-S_29k_weights.h5`,
    '--dir',
    place(),
  );
  assert.is(again.code, 0, again.notes);
  assert.match(again.out, 'was installed before, and is sound');
  assert.ok((await bucket.keys()).includes('pat/models/manifest.json'));
});

models('they are listed and verified there', async () => {
  const listed = await clarity('models', 'list', '--dir', `${place()}/`);
  assert.is(listed.code, 0, listed.notes);
  assert.match(listed.out, /^\* PAT-S-[0-9a-f]{12}/);
  const verified = await clarity('models', 'verify', '--dir', place());
  assert.equal([verified.code, verified.out.startsWith('ok ')], [0, true], verified.notes);
});

models('a service whose models live there is ready', async () => {
  const service = await startProcess({ ...environment, STORAGE: 'memory', PAT_MODEL_BASE_DIR: place() });
  const call = callerOf(service.url);
  const json = { email: 'ada@example.org', password: 'Correct-horse-7' };
  const token: string = (await call('POST', '/api/v1/auth/register', { json })).json.access_token;
  const info = await call('GET', '/api/v1/pat/models/info', { token });
  assert.is(info.json.status, 'ready');
  assert.is(await service.stop(), 0);
});

models('what was damaged there is found, and the place is said where it cannot be read', async () => {
  const key = (await bucket.keys()).find((name) => name.endsWith('.safetensors'));
  await bucket.plant(key!, 'damaged');
  const verified = await clarity('models', 'verify', '--dir', place());
  assert.equal([verified.code, verified.out.startsWith('BAD')], [1, true], verified.notes);
  const missing = await clarity('models', 'list', '--dir', 's3://clarity-no-such-bucket/pat');
  assert.is(missing.code, 1);
  assert.match(missing.notes, 'NoSuchBucket');
  const empty = await clarity('models', 'list', '--dir', ' ');
  assert.is(empty.code, 2);
});

models.run();
