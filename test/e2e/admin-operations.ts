import * as assert from 'uvu/assert';
import { createClient } from '../../contracts/client.ts';
import type { Caller, Check, ServiceUnderTest } from './operations.ts';
import { refusal, success } from './operations-kit.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const NOT_FOUND = [404, 'resource-not-found'];
const DENIED = [403, 'authorization-denied'];
const NEEDED = [409, 'administrator-needed'];

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 25));

const me = (service: ServiceUnderTest, token: string) =>
  createClient({ baseUrl: service.url, token: () => token }).describeMe();

/** Logs in, and answers a token that is taken: tokens of a user pool are made at whole seconds, and so may seem older than they are. */
async function newToken(service: ServiceUnderTest, { email, password }: Caller): Promise<string> {
  for (;;) {
    const login = success(await createClient({ baseUrl: service.url }).login({ body: { email, password } }));
    assert.is(login.status, 200);
    const { access_token: token } = login.body as { readonly access_token: string };
    const answer = await me(service, token);
    if (answer.ok || service.keepsAccounts) {
      success(answer);
      return token;
    }
    await pause();
  }
}

/** What is looked at of a page. */
interface UserPage {
  readonly data: readonly { readonly user_id: string }[];
  readonly pagination: { readonly next_cursor?: string | null };
}

/** A file that looks like an export, and is none that can be read. */
const BROKEN = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(200, 7)]);

/** The person's job that was given up on, once it is listed with a failure later than that. */
async function failedJob(admin: Caller, { userId }: Caller, after = '') {
  for (;;) {
    const { data } = success(await admin.client.listFailedJobs()).body;
    const job = data.find((each) => each.user_id === userId && each.failed_at > after);
    if (job !== undefined) return job;
    await pause();
  }
}

async function failing(caller: Caller): Promise<string> {
  const file = { mediaType: 'application/zip', content: BROKEN };
  return success(await caller.client.uploadHealthKitExport({ file })).body.processing_id;
}

/** What administrators see of accounts and failed jobs, and change of them. */
export const ADMIN_OPERATIONS: Readonly<Record<string, Check>> = {
  'GET /api/v1/admin/users': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const found = success(await admin.client.listUsers({ query: { email: person.email.toUpperCase() } })).body;
    assert.equal(
      found.data.map(({ user_id, email, roles, disabled }) => [user_id, email, roles, disabled]),
      [[person.userId, person.email, ['patient'], false]],
    );
    const admins = success(await admin.client.listUsers({ query: { role: 'admin', disabled: 'false' } })).body;
    assert.ok(admins.data.some(({ user_id }) => user_id === admin.userId));
    assert.ok(admins.data.every(({ roles }) => roles.includes('admin')));
    const none = success(await admin.client.listUsers({ query: { email: person.email, disabled: 'true' } })).body;
    assert.equal(none.data, []);
    if (service.keepsAccounts) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const query = cursor === undefined ? { limit: 3 } : { limit: 3, cursor };
        const page = success(await admin.client.listUsers({ query })).body as UserPage;
        seen.push(...page.data.map(({ user_id }) => user_id));
        cursor = page.pagination.next_cursor ?? undefined;
      } while (cursor !== undefined);
      assert.is(new Set(seen).size, seen.length);
      assert.equal(seen.slice(0, 2), [admin.userId, person.userId], 'the newest first');
      assert.equal(refusal(await admin.client.listUsers({ query: { cursor: 'e30' } })), [400, 'invalid-cursor']);
    }
    assert.equal(refusal(await person.client.listUsers()), DENIED);
  },
  'GET /api/v1/admin/users/{user_id}': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const user = success(await admin.client.readUser({ params: { user_id: person.userId } })).body;
    assert.equal([user.email, user.roles, user.disabled], [person.email, ['patient'], false]);
    assert.equal(refusal(await admin.client.readUser({ params: { user_id: UNKNOWN } })), NOT_FOUND);
    assert.equal(refusal(await person.client.readUser({ params: { user_id: person.userId } })), DENIED);
  },
  'PUT /api/v1/admin/users/{user_id}/roles': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const params = { user_id: person.userId };
    const given = success(await admin.client.changeUserRoles({ params, body: { roles: ['clinician'] } })).body;
    assert.equal(given.roles, ['patient', 'clinician']);
    assert.equal(refusal(await person.client.listPatients()), [401, 'authentication-required']);
    const token = await newToken(service, person);
    const clinician = createClient({ baseUrl: service.url, token: () => token });
    success(await clinician.listPatients());
    success(await admin.client.changeUserRoles({ params, body: { roles: ['patient'] } }));
    assert.equal(refusal(await clinician.listPatients()), [401, 'authentication-required']);
    const own = await admin.client.changeUserRoles({ params: { user_id: admin.userId }, body: { roles: ['patient'] } });
    assert.equal(refusal(own), NEEDED);
    const nobody = await admin.client.changeUserRoles({ params: { user_id: UNKNOWN }, body: { roles: ['patient'] } });
    assert.equal(refusal(nobody), NOT_FOUND);
  },
  'POST /api/v1/admin/users/{user_id}/disable': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const params = { user_id: person.userId };
    success(await person.client.describeMe());
    const answer = await admin.client.disableUser({ params });
    const cannotSignOut = service.lacks.includes('signing out as administrator');
    if (cannotSignOut) assert.equal(refusal(answer), [503, 'service-unavailable']);
    else {
      assert.is(success(answer).body.disabled, true);
      assert.equal(refusal(await person.client.describeMe()), [401, 'authentication-required']);
      const { refreshToken, email, password } = person;
      const plain = createClient({ baseUrl: service.url });
      const refreshed = await plain.refresh({ body: { refresh_token: refreshToken } });
      assert.equal(refusal(refreshed), [401, 'invalid-refresh-token']);
      assert.equal(refusal(await plain.login({ body: { email, password } })), [403, 'account-disabled']);
    }
    assert.is(success(await admin.client.readUser({ params })).body.disabled, true);
    assert.equal(refusal(await admin.client.disableUser({ params: { user_id: admin.userId } })), NEEDED);
    assert.equal(refusal(await admin.client.disableUser({ params: { user_id: UNKNOWN } })), NOT_FOUND);
  },
  'POST /api/v1/admin/users/{user_id}/enable': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const params = { user_id: person.userId };
    await admin.client.disableUser({ params });
    assert.is(success(await admin.client.enableUser({ params })).body.disabled, false);
    await newToken(service, person);
    assert.equal(refusal(await admin.client.enableUser({ params: { user_id: UNKNOWN } })), NOT_FOUND);
  },
  'GET /api/v1/admin/jobs/failed': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const processing_id = await failing(person);
    const { job_id, failed_at, ...job } = await failedJob(admin, person);
    assert.equal(job, {
      kind: 'healthkit-export',
      user_id: person.userId,
      processing_id,
      attempts: 1,
      reason: 'broken-zip',
    });
    assert.ok(job_id !== '' && Date.parse(failed_at) > 0);
    const first = success(await admin.client.listFailedJobs({ query: { limit: 1 } })).body;
    assert.is(first.pagination.page_size, 1);
    assert.equal(refusal(await admin.client.listFailedJobs({ query: { cursor: 'e30' } })), [400, 'invalid-cursor']);
    assert.equal(refusal(await person.client.listFailedJobs()), DENIED);
  },
  'POST /api/v1/admin/jobs/failed/{job_id}/retry': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const processing_id = await failing(person);
    const { job_id, failed_at } = await failedJob(admin, person);
    const retried = success(await admin.client.retryFailedJob({ params: { job_id } }));
    assert.equal(
      [retried.status, retried.body.processing_id, retried.body.user_id],
      [202, processing_id, person.userId],
    );
    assert.is((await failedJob(admin, person, failed_at)).job_id, job_id, 'it has failed again');
    assert.equal(refusal(await admin.client.retryFailedJob({ params: { job_id: 'WyJhIiwiYiJd' } })), NOT_FOUND);
    assert.equal(refusal(await admin.client.retryFailedJob({ params: { job_id: 'nonsense' } })), NOT_FOUND);
    assert.equal(refusal(await person.client.retryFailedJob({ params: { job_id } })), DENIED);
  },
  'DELETE /api/v1/admin/jobs/failed/{job_id}': async (person, service) => {
    const admin = await service.newCaller(['admin']);
    const processing_id = await failing(person);
    const { job_id } = await failedJob(admin, person);
    assert.is(success(await admin.client.dropFailedJob({ params: { job_id } })).status, 204);
    assert.equal(refusal(await admin.client.dropFailedJob({ params: { job_id } })), NOT_FOUND);
    const { data } = success(await admin.client.listFailedJobs()).body;
    assert.ok(data.every(({ user_id }) => user_id !== person.userId));
    assert.is(success(await person.client.readProcessing({ params: { processing_id } })).body?.status, 'failed');
  },
};
