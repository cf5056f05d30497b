import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batch } from './operations-kit.ts';
import { startInProcess, type InProcessService, type Registered } from './in-process-service.ts';

const quotas = suite('quotas over HTTP');

const settings = { MAX_RUNNING_JOBS_PER_USER: '2', MAX_STORED_BYTES_PER_USER: '2000' };
let service: InProcessService;

quotas.before(async () => {
  service = await startInProcess(settings);
});
quotas.after(() => service.close());

const send = (person: Registered, minutes: readonly number[]) =>
  service.call('POST', '/api/v1/health-data', { token: person.token, json: batch(person.id, minutes) });

quotas('as many uploads as there may be are worked on at once, and the answer says when to come again', async () => {
  const ada = await service.person('ada@example.org');
  for (const minute of [0, 1]) assert.is((await send(ada, [minute])).status, 201);
  const refused = await send(ada, [2]);
  assert.equal([refused.status, refused.json.code], [429, 'too-many-running-jobs']);
  assert.equal([refused.json['running'], refused.json['limit']], [2, 2]);
  assert.is(refused.headers.get('retry-after'), '30');
  const file = { token: ada.token, body: '<?xml version="1.0"?><HealthData/>', type: 'application/xml' };
  assert.is((await service.call('POST', '/api/v1/healthkit/export', file)).json.code, 'too-many-running-jobs');
  const ben = await service.person('ben@example.org');
  assert.is((await send(ben, [0])).status, 201, 'others are not kept waiting');
});

quotas('what is more than there is room for is refused with what is missing, and nothing of it is kept', async () => {
  const eve = await service.person('eve@example.org');
  const minutes = Array.from({ length: 40 }, (_, minute) => minute);
  const refused = await send(eve, minutes);
  assert.equal([refused.status, refused.json.code], [507, 'storage-quota-exceeded']);
  assert.equal([refused.json['used_bytes'], refused.json['limit_bytes']], [0, 2000]);
  const sent = JSON.stringify(batch(eve.id, minutes)).length;
  assert.is(refused.json['request_bytes'], sent);
  const file = { token: eve.token, body: `<?xml version="1.0"?>${' '.repeat(3000)}`, type: 'application/xml' };
  const stream = await service.call('POST', '/api/v1/healthkit/export', file);
  assert.equal([stream.status, stream.json['request_bytes']], [507, null]);
  const listed = await service.call('GET', '/api/v1/health-data', { token: eve.token });
  assert.equal(listed.json['data'], []);
  assert.is((await send(eve, [0])).status, 201);
});

quotas.run();
