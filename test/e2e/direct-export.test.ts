import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pino } from 'pino';
import { memoryStorage } from '../../hosts/wiring/storage.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { startService, type Service } from '../../hosts/express/service.ts';
import { send } from '../contracts/direct-uploads.contract.ts';
import { callerOf, untilProcessed, type Call } from './running-service.ts';
import { makeObjectStore, type ObjectStoreUnderTest } from '../emulators/object-stores.ts';
import { valueOf } from '../unit/result-values.ts';

/** A client that sends its export to the bucket itself, from the announcement to the analysis. */
const direct = suite('an export sent to the bucket itself');

let service: Service;
let objects: ObjectStoreUnderTest;
let call: Call;
let token = '';
let other = '';

const XML = Buffer.from(
  `<?xml version="1.0"?>\n<HealthData locale="en">\n${Array.from(
    { length: 20 },
    (_, i) =>
      `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" startDate="2025-02-04 08:${String(i + 10)}:00 +0100" endDate="2025-02-04 08:${String(i + 11)}:00 +0100" value="${String(i + 1)}"/>`,
  ).join('\n')}\n</HealthData>\n`,
);

direct.before(async () => {
  objects = await makeObjectStore();
  const config = valueOf(
    readConfig({
      STORAGE: 'memory',
      PORT: '0',
      MAX_EXPORT_BYTES: '100000',
      PAT_MODEL_BASE_DIR: '/nonexistent/models',
    }),
  );
  const storage = { ...memoryStorage(), objects: objects.store, directUploads: objects.store };
  service = await startService({ config, logger: pino({ level: 'silent' }), storage });
  call = callerOf(service.url);
  const register = async (email: string): Promise<string> =>
    (await call('POST', '/api/v1/auth/register', { json: { email, password: 'Correct-horse-7' } })).json.access_token;
  token = await register('ada@example.org');
  other = await register('ben@example.org');
});

direct.after(async () => {
  await service.stop();
  await objects.close();
});

const announcement = (content: Uint8Array, more: object = {}) => ({
  file_name: 'export.xml',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex').toUpperCase(),
  format: 'xml',
  ...more,
});

const presign = (json: unknown) => call('POST', '/api/v1/healthkit/export/presign', { token, json });

direct('it is announced, sent, completed and analysed', async () => {
  const granted = await presign(announcement(XML, { timezone: 'Europe/Berlin' }));
  assert.is(granted.status, 200);
  const { processing_id: id, upload, complete_url: completeUrl } = granted.json;
  assert.is(upload.method, 'PUT');
  assert.ok(Date.parse(upload.expires_at) > 0);
  assert.is(completeUrl, `/api/v1/healthkit/export/${String(id)}/complete`);
  const state = await call('GET', `/api/v1/healthkit/status/${String(id)}`, { token });
  assert.equal([state.json.status, state.json.message], ['received', 'Waiting for the file.']);
  const early = await call('POST', completeUrl, { token });
  assert.equal([early.status, early.json.code], [409, 'not-uploaded']);
  assert.is(await send({ ...upload, expiresAtMs: 0 }, XML), 200);
  assert.equal((await call('POST', completeUrl, { token: other })).status, 404);
  const completed = await call('POST', completeUrl, { token });
  assert.is(completed.status, 202);
  assert.equal(
    [completed.json.processing_id, completed.json.bytes, completed.json.sha256],
    [id, XML.length, createHash('sha256').update(XML).digest('hex')],
  );
  assert.is((await call('POST', completeUrl, { token })).status, 202);
  const processed = await untilProcessed(call, token, id);
  assert.equal([processed.json.status, processed.json.accepted.step_count], ['completed', 20]);
  assert.is((await call('POST', completeUrl, { token })).status, 202);
});

direct('what is announced wrongly is refused by its place, and what is too large by its limit', async () => {
  const refused = await presign({ bytes: 0, sha256: 'xyz', format: 'csv', size: 1 });
  assert.is(refused.status, 422);
  assert.equal(refused.json.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted(), [
    '/bytes',
    '/format',
    '/sha256',
    '/size',
  ]);
  const zone = await presign(announcement(XML, { timezone: 'Mars/Olympus' }));
  assert.is(zone.status, 422);
  const large = await presign({ ...announcement(XML), bytes: 100_001 });
  assert.equal([large.status, large.json.code, large.json.limit_bytes], [413, 'payload-too-large', 100_000]);
});

direct('a file that is no export is refused on completion', async () => {
  const content = Buffer.from('timestamp,count');
  const { json } = await presign(announcement(content));
  await send({ ...json.upload, expiresAtMs: 0 }, content);
  for (let times = 0; times < 2; times++) {
    const refused = await call('POST', json.complete_url, { token });
    assert.equal([refused.status, refused.json.code], [422, 'unreadable-file']);
  }
});

direct.run();
