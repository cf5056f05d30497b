import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callerOf, runClarity, startProcess, untilProcessed, type Ended } from './running-service.ts';

const moving = suite('moving to another installation');

let folder = '';

/** Nothing of a developer's own settings; a folder without models. */
const clean = (): Record<string, string> => ({
  STORAGE: '',
  DATA_DIR: path.join(folder, 'old'),
  PAT_MODEL_BASE_DIR: path.join(folder, 'none'),
  COGNITO_USER_POOL_ID: '',
  COGNITO_CLIENT_ID: '',
});

const clarity = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runClarity(folder, args, { ...clean(), ...environment });

moving.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-move-'));
});

moving.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

moving('what a person uploaded is served by the new installation under their new id', async () => {
  const somebody = { email: 'ada@example.org', password: 'Correct-horse-1' };
  const old = await startProcess({ DATA_DIR: path.join(folder, 'old') });
  const ask = callerOf(old.url);
  await ask('POST', '/api/v1/auth/register', { json: somebody });
  const signedIn = await ask('POST', '/api/v1/auth/login', { json: somebody });
  const token: string = signedIn.json.access_token;
  const user: string = (await ask('GET', '/api/v1/auth/me', { token })).json.user_id;
  const metric = (hour: number) => ({
    metric_type: 'heart_rate',
    created_at: `2025-03-0${String(1 + (hour % 5))}T0${String(hour % 10)}:00:00Z`,
    biometric_data: { heart_rate: 60 + hour },
  });
  const sent = await ask('POST', '/api/v1/health-data', {
    token,
    json: {
      user_id: user,
      upload_source: 'apple_health',
      client_timestamp: '2025-03-06T00:00:00Z',
      metrics: [1, 2, 3].map(metric),
    },
  });
  assert.is(sent.status, 201, sent.text);
  const id: string = sent.json.processing_id;
  await untilProcessed(ask, token, id);
  const listed = await ask('GET', '/api/v1/health-data', { token });
  assert.is(await old.stop(), 0);

  const next = await startProcess({ DATA_DIR: path.join(folder, 'new') });
  const askNext = callerOf(next.url);
  await askNext('POST', '/api/v1/auth/register', { json: somebody });
  const nextToken: string = (await askNext('POST', '/api/v1/auth/login', { json: somebody })).json.access_token;
  const nextUser: string = (await askNext('GET', '/api/v1/auth/me', { token: nextToken })).json.user_id;
  assert.is.not(nextUser, user);
  const args = ['migrate', '--from', 'embedded', '--to', 'embedded', '--to-data-dir', 'new', '--user', user];
  const moved = await clarity([...args, '--as', nextUser]);
  assert.is(moved.code, 0, moved.notes);
  assert.is(moved.out.match(/ equal$/gm)?.length, 6);
  const { json: found } = await askNext('GET', '/api/v1/health-data', { token: nextToken });
  assert.is(found.data.length, 3);
  assert.equal(found.data, listed.json.data);
  assert.is((await askNext('GET', `/api/v1/health-data/processing/${id}`, { token: nextToken })).status, 200);
  assert.is(await next.stop(), 0);
});

moving('an environment is examined before a start, and its problems are the exit code', async () => {
  const sound = await clarity(['doctor', '--verbose']);
  assert.is(sound.code, 0, sound.out);
  assert.match(sound.out, /^ok {7}database: schema /m);
  await writeFile(path.join(folder, 'file'), '');
  const unsound = await clarity(['doctor'], { DATA_DIR: path.join(folder, 'file') });
  assert.is(unsound.code, 1);
  assert.match(unsound.out, /^PROBLEM {2}data folder: /m);
  const unset = await clarity(['doctor', '--json'], { STORAGE: 'aws', PORT: '70000' });
  assert.is(unset.code, 1);
  assert.equal(
    JSON.parse(unset.out)
      .findings.map(({ subject }: any) => subject)
      .sort(),
    ['COGNITO_CLIENT_ID', 'COGNITO_USER_POOL_ID', 'PORT'],
  );
  assert.is((await clarity(['doctor', 'now'])).code, 2);
});

moving.run();
