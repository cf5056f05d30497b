import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Role } from '../../core/auth/token-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';
import type { Answer } from './running-service.ts';

const sharing = suite('what others read of a person');

const REASON = 'Brought in unconscious, the last hours are needed.';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const DAY = 86_400_000;

interface Somebody {
  readonly id: string;
  readonly token: string;
}

async function somebody(service: InProcessService, name: string, ...roles: readonly Role[]): Promise<Somebody> {
  const email = `${name}@example.org`;
  const { id } = await service.person(email);
  const { people } = service.storage;
  assert.ok(people.kind === 'local');
  if (people.kind === 'local' && roles.length > 0) valueOf(await people.accounts.setRoles(userId(id), roles));
  const login = await service.call('POST', '/api/v1/auth/login', { json: { email, password: 'Correct-horse-7' } });
  return { id, token: String(login.json.access_token) };
}

async function withService(work: (service: InProcessService) => Promise<void>): Promise<void> {
  const service = await startInProcess();
  try {
    await work(service);
  } finally {
    await service.close();
  }
}

const give = async ({ call }: InProcessService, from: Somebody, to: Somebody, purpose: string, types: string[]) => {
  const ends_at = new Date(Date.now() + 30 * DAY).toISOString();
  const json = { grantee: to.id, purpose, data_types: types, ends_at };
  const answer = await call('POST', '/api/v1/consents', { token: from.token, json });
  assert.is(answer.status, 201, answer.text);
  return String(answer.json.consent_id);
};

/** Half an hour of steps of two devices, and metrics, with a marker in every text that a person can have in them. */
async function sendMarked({ call }: InProcessService, { id, token }: Somebody): Promise<void> {
  const at = (day: number, minute: number): string =>
    new Date(Date.parse('2025-03-03T08:00:00Z') + day * DAY + minute * 60_000).toISOString();
  const quantity_samples = [0, 20, 200].flatMap((day) =>
    ['CANARY-watch of Ada', 'CANARY-iPhone von Ada'].flatMap((source_name, i) =>
      Array.from({ length: 30 }, (_, minute) => ({
        identifier: 'HKQuantityTypeIdentifierStepCount',
        type: 'HKQuantityTypeIdentifierStepCount',
        value: 10 + i,
        unit: 'count',
        start_date: at(day, minute),
        end_date: at(day, minute + 1),
        source_name,
      })),
    ),
  );
  const samples = { user_id: id, timezone: 'Europe/Berlin', quantity_samples };
  const sent = await call('POST', '/api/v1/healthkit', { token, json: samples });
  assert.is(sent.status, 202, sent.text);
  const metrics = [0, 1, 2].map((minute) => ({
    metric_type: 'heart_rate',
    biometric_data: { heart_rate: 60 + minute },
    device_id: 'CANARY-device',
    raw_data: { note: 'CANARY-note' },
    metadata: { note: 'CANARY-metadata' },
    created_at: at(0, minute),
  }));
  const json = { user_id: id, upload_source: 'CANARY-app', client_timestamp: at(0, 0), metrics };
  const stored = await call('POST', '/api/v1/health-data', { token, json });
  assert.is(stored.status, 201, stored.text);
}

/** An answer without the id that was asked for, and what differs with every request. */
const comparable = ({ status, text }: Answer, id: string): string =>
  `${String(status)} ${text.replaceAll(id, 'ID').replace(/"request_id":"[^"]*"/, '')}`;

sharing('who may not read a patient sees what they see of nobody, byte for byte', async () => {
  await withService(async (service) => {
    const { call } = service;
    const [ada, doc] = [await somebody(service, 'ada'), await somebody(service, 'doc', 'patient', 'clinician')];
    await sendMarked(service, ada);
    const revoked = await give(service, ada, doc, 'care', ['step_count', 'analyses', 'insights']);
    await call('DELETE', `/api/v1/consents/${revoked}`, { token: ada.token });
    await give(service, ada, doc, 'care', ['heart_rate']);
    await give(service, ada, doc, 'research', ['step_count']);
    const query = 'metric_type=step_count&from=2025-03-03T00:00:00Z&to=2025-03-04T00:00:00Z';
    for (const place of [
      `series?${query}`,
      `series?${query}&timezone=local`,
      `series?${query}&timezone=No/Where`,
      `series?${query}&cursor=x`,
      'analysis',
      'insights',
    ]) {
      const read = async (id: string) =>
        comparable(await call('GET', `/api/v1/patients/${id}/${place}`, { token: doc.token }), id);
      const absent = await read(UNKNOWN);
      assert.match(absent, /^404 /, place);
      assert.is(await read(ada.id), absent, place);
    }
  });
});

sharing('a role that was taken away takes what it opened with it', async () => {
  await withService(async (service) => {
    const { call } = service;
    const [ada, doc] = [await somebody(service, 'ada'), await somebody(service, 'doc', 'patient', 'clinician')];
    await give(service, ada, doc, 'care', ['step_count']);
    const { people } = service.storage;
    if (people.kind === 'local') valueOf(await people.accounts.setRoles(userId(doc.id), ['patient']));
    const login = { email: 'doc@example.org', password: 'Correct-horse-7' };
    const { json } = await call('POST', '/api/v1/auth/login', { json: login });
    const answer = await call('GET', '/api/v1/patients', { token: json.access_token });
    assert.equal([answer.status, answer.json.code], [403, 'authorization-denied']);
  });
});

sharing('whoever is opened in an emergency is told by their stream of events', async () => {
  await withService(async (service) => {
    const { call } = service;
    const [ada, doc] = [await somebody(service, 'ada'), await somebody(service, 'doc', 'patient', 'clinician')];
    const json = { reason: REASON, minutes: 60 };
    const opened = await call('POST', `/api/v1/patients/${ada.id}/break-glass`, { token: doc.token, json });
    assert.is(opened.status, 201, opened.text);
    const [event] = valueOf(await service.storage.ownerEvents.after(userId(ada.id), null, 10));
    assert.equal([event?.type, event?.subject], ['access.emergency', opened.json.access_id]);
    const leaving = new AbortController();
    const stream = await fetch(`${service.url}/api/v1/events?types=access.emergency&last_event_id=0000000000000000`, {
      headers: { authorization: `Bearer ${ada.token}` },
      signal: leaving.signal,
    });
    let told = '';
    const decoder = new TextDecoder();
    for await (const part of stream.body as unknown as AsyncIterable<Uint8Array>) {
      told += decoder.decode(part, { stream: true });
      if (told.includes('access_id')) break;
    }
    leaving.abort();
    assert.match(told, 'event: access.emergency');
    assert.not.match(told, doc.id);
  });
});

sharing('the log of a person tells what others read of theirs, and the log of those others does not', async () => {
  await withService(async (service) => {
    const { call } = service;
    const ada = await somebody(service, 'ada');
    const [doc, ida] = [
      await somebody(service, 'doc', 'patient', 'clinician'),
      await somebody(service, 'ida', 'patient', 'researcher'),
    ];
    await give(service, ada, doc, 'care', ['step_count']);
    await give(service, ada, ida, 'research', ['step_count']);
    const query = 'series?metric_type=step_count&from=2025-03-03T00:00:00Z&to=2025-03-04T00:00:00Z';
    const list = await call('GET', '/api/v1/research/participants', { token: ida.token });
    const places = [
      [doc, `/api/v1/patients/${ada.id}/${query}`],
      [ida, `/api/v1/research/participants/${String(list.json.data[0].pseudonym)}/${query}`],
    ] as const;
    for (const [{ token }, place] of places) assert.is((await call('GET', place, { token })).status, 200);
    const entriesOf = async ({ token }: Somebody) => {
      const { json } = await call('GET', '/api/v1/audit', { token });
      return json.data
        .map(({ operation, actor }: { readonly operation: string; readonly actor: string }) => [operation, actor])
        .filter(([operation]: readonly string[]) => /^read(?:Patient|Participant)Series$/.test(operation ?? ''));
    };
    const told = await entriesOf(ada);
    assert.equal(
      told.map(([operation]: readonly string[]) => operation),
      ['readParticipantSeries', 'readPatientSeries'],
    );
    for (const [, actor] of told) assert.is.not(actor, 'you');
    for (const other of [doc, ida]) assert.equal(await entriesOf(other), []);
  });
});

sharing('no answer to a researcher tells who it is, when it truly was or where', async () => {
  await withService(async (service) => {
    const { call } = service;
    const ada = await somebody(service, 'ada');
    await sendMarked(service, ada);
    const seen: { readonly pseudonym: string; readonly firstDay: number }[] = [];
    for (const name of ['ida', 'max', 'eva']) {
      const researcher = await somebody(service, name, 'patient', 'researcher');
      await give(service, ada, researcher, 'research', ['step_count', 'biometric_data.heart_rate']);
      const get = async (where: string): Promise<Answer> => {
        const answer = await call('GET', `/api/v1/research/participants${where}`, { token: researcher.token });
        // Not what a pseudonym or a cursor may have in it by chance.
        for (const secret of ['CANARY', '"Ada', ada.id, 'ada@', 'Berlin', '+01:00', '+00:00', /:\d\d(?:\.\d+)?Z"/]) {
          assert.not.match(answer.text, secret);
        }
        return answer;
      };
      const { json } = await get('');
      const pseudonym = String(json.data[0].pseudonym);
      const series = `/${pseudonym}/series?from=2024-01-01T00:00&to=2027-01-01T00:00&resolution=minute`;
      const starts: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Answer = await get(`${series}&metric_type=step_count${cursor === '' ? '' : `&cursor=${cursor}`}`);
        assert.is(page.status, 200, page.text);
        starts.push(...page.json.bins.map((bin: { readonly start: string }) => bin.start));
        for (const { name: source } of page.json.sources) assert.match(source, /^source \d+$/);
        cursor = page.json.next_cursor;
        // What a cursor holds, everybody can read.
        if (cursor !== null)
          assert.not.match(Buffer.from(cursor, 'base64url').toString(), /^\[17409|^\[17426|^\[17427|^\[17582/);
      }
      // 8 o'clock UTC is 9 in Berlin, in winter; the third day is in September and stays on the clock of winter.
      assert.equal([starts.length, new Set(starts.map((start) => start.slice(11, 13)))], [90, new Set(['09'])]);
      const days = [...new Set(starts.map((start) => Date.parse(start.slice(0, 10)) / DAY))];
      assert.equal(
        days.map((day) => day - days[0]!),
        [0, 20, 200],
      );
      seen.push({ pseudonym, firstDay: days[0]! });
      const rates = await get(`${series}&metric_type=biometric_data.heart_rate`);
      assert.equal(
        rates.json.sources.map((source: { readonly name: string }) => source.name),
        ['source 1'],
      );
      assert.is((await get(`${series}&metric_type=vo2_max`)).status, 404);
      const other = seen[0]!.pseudonym;
      if (seen.length > 1) assert.is((await get(`/${other}${series.slice(23)}&metric_type=step_count`)).status, 404);
    }
    const trueDay = Date.parse('2025-03-03') / DAY;
    for (const { firstDay } of seen) {
      const shift = firstDay - trueDay;
      assert.ok(shift !== 0 && shift % 7 === 0 && Math.abs(shift) <= 182, String(shift));
    }
    assert.is(new Set(seen.map(({ pseudonym }) => pseudonym)).size, 3);
  });
});

sharing.run();
