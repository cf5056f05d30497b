import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { prepareSteps } from '../life.ts';
import { assertCompleted } from '../measurements.ts';
import { describeMe, login, refresh, registered } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

/** Whose account or job the person looks after. */
const others = new WeakMap<Person, Person>();

function otherOf(person: Person): Person {
  const other = others.get(person);
  assert.ok(other);
  return other;
}

/** The person is an administrator, and there is somebody else. */
async function prepareAdmin(service: ServiceUnderFaults, person: Person): Promise<void> {
  others.set(person, await registered(service, `other-of-${person.email}`));
  valueOf(await service.storage.people.accounts.setRoles(person.id, ['patient', 'admin']));
  const { json } = await refresh(service, person);
  person.token = String(json['access_token']);
  person.refreshToken = String(json['refresh_token']);
}

async function prepareDisabled(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareAdmin(service, person);
  const { id } = otherOf(person);
  valueOf(await service.storage.people.accounts.changeStanding(id, { disabled: true }));
}

/** Somebody's steps could not be worked on. */
async function prepareFailedJob(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareAdmin(service, person);
  const other = otherOf(person);
  await prepareSteps(service, other);
  const [owner, upload] = [other.id, processingId(other.upload)];
  const { storage, clock } = service;
  const failure = { code: 'gave-up', reason: 'It was given up on.' };
  valueOf(await storage.uploads.change(owner, upload, { status: 'failed', failure }, clock.now()));
  const jobId = `${other.upload}/1`;
  valueOf(
    await storage.failedJobs.keep({ owner, upload, jobId, attempts: 5, failedAtMs: clock.now(), reason: 'gave-up' }),
  );
  // Whoever tries again does so later.
  clock.nowMs += 1000;
}

const userPlace = (person: Person, what = ''): string => `/api/v1/admin/users/${otherOf(person).id}${what}`;

function jobPlace(person: Person, what = ''): string {
  const { id, upload } = otherOf(person);
  return `/api/v1/admin/jobs/failed/${Buffer.from(JSON.stringify([id, upload])).toString('base64url')}${what}`;
}

async function assertTokenEnded(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { status, text } = await describeMe(service, otherOf(person));
  assert.is(status, 401, text);
}

/** Accounts and failed jobs, looked after. */
export const ADMIN_JOURNEYS: readonly Journey[] = [
  reading({
    name: 'list accounts',
    route: 'listUsers',
    prepare: prepareAdmin,
    send: getting('/api/v1/admin/users?limit=2'),
  }),
  reading({
    name: 'read an account',
    route: 'readUser',
    prepare: prepareAdmin,
    send: getting((person) => userPlace(person)),
  }),
  {
    kind: 'request',
    name: 'give a role',
    route: 'changeUserRoles',
    prepare: prepareAdmin,
    send: ({ call }, person) =>
      call('PUT', userPlace(person, '/roles'), { token: person.token, json: { roles: ['clinician'] } }),
    verify: async (service, person, { last }) => {
      assert.equal(last.json['roles'], ['patient', 'clinician']);
      const account = valueOf(await service.storage.people.accounts.byId(otherOf(person).id));
      assert.equal(account?.roles, ['patient', 'clinician']);
      await assertTokenEnded(service, person);
    },
  },
  {
    kind: 'request',
    name: 'turn an account off',
    route: 'disableUser',
    prepare: prepareAdmin,
    send: ({ call }, person) => call('POST', userPlace(person, '/disable'), { token: person.token }),
    verify: async (service, person, { last }) => {
      assert.is(last.json['disabled'], true);
      await assertTokenEnded(service, person);
      const refreshed = await refresh(service, otherOf(person));
      assert.is(refreshed.status, 401, refreshed.text);
      const signed = await login(service, otherOf(person));
      assert.is(signed.json['code'], 'account-disabled', signed.text);
    },
  },
  {
    kind: 'request',
    name: 'turn an account on again',
    route: 'enableUser',
    prepare: prepareDisabled,
    send: ({ call }, person) => call('POST', userPlace(person, '/enable'), { token: person.token }),
    verify: async (service, person, { last }) => {
      assert.is(last.json['disabled'], false);
      const signed = await login(service, otherOf(person));
      assert.is(signed.status, 200, signed.text);
    },
  },
  reading({
    name: 'list failed jobs',
    route: 'listFailedJobs',
    prepare: prepareFailedJob,
    send: getting('/api/v1/admin/jobs/failed?limit=1'),
  }),
  {
    kind: 'request',
    name: 'retry a failed job',
    route: 'retryFailedJob',
    doneAlready: ['resource-not-found', 'not-retryable'],
    prepare: prepareFailedJob,
    send: ({ call }, person) => call('POST', jobPlace(person, '/retry'), { token: person.token }),
    verify: async (service, person) => {
      const { id, upload } = otherOf(person);
      await assertCompleted(service, otherOf(person), processingId(upload));
      const { data } = (await service.call('GET', '/api/v1/admin/jobs/failed', { token: person.token })).json;
      assert.ok((data as readonly { readonly user_id: string }[]).every(({ user_id }) => user_id !== id));
      assert.is(valueOf(await service.storage.failedJobs.find(id, processingId(upload))), null);
    },
  },
  {
    kind: 'request',
    name: 'drop a failed job',
    route: 'dropFailedJob',
    doneAlready: ['resource-not-found'],
    prepare: prepareFailedJob,
    send: ({ call }, person) => call('DELETE', jobPlace(person), { token: person.token }),
    verify: async ({ storage }, person) => {
      const { id, upload } = otherOf(person);
      assert.is(valueOf(await storage.failedJobs.find(id, processingId(upload))), null);
      assert.is(valueOf(await storage.uploads.get(id, processingId(upload))).status, 'failed');
    },
  },
];
