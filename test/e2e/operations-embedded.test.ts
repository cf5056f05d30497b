import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { SqlAuditStore } from '../../adapters/sql/audit-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { createClient } from '../../contracts/client.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { operationsOf, type Caller, type ServiceUnderTest } from './operations.ts';
import { isKnownPlace } from '../canaries/known-places.ts';
import { newMarkers } from '../canaries/markers.ts';
import { hitsIn, hitsInDatabase, hitsInFolder, told } from '../canaries/search-places.ts';
import { startProcess, type RunningService } from './running-service.ts';
import { assertWrittenOnce, keepCalls } from './written-calls.ts';

/** In the names, addresses and passwords of all people here. */
const markers = newMarkers();
const PASSWORD = `Correct-7-${markers.mark('password')}`;

/** What runs, for the search at the end. */
let running: { readonly process: RunningService; readonly folder: string } | null = null;
const callers: Caller[] = [];

/** The newest mail to the address that is in the outbox, once there is one; mail leaves after the answer. */
async function mailTo(folder: string, email: string): Promise<string> {
  for (;;) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
    for (const name of names.reverse()) {
      const mail = await readFile(path.join(folder, name), 'utf8');
      if (mail.includes(email)) return mail;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Somebody whose tokens these are. */
async function speakingFor(
  url: string,
  { access_token: accessToken, refresh_token: refreshToken }: { access_token: string; refresh_token: string },
): Promise<Omit<Caller, 'email' | 'password'>> {
  const client = createClient({ baseUrl: url, token: () => accessToken });
  const me = await client.describeMe();
  assert.ok(me.ok);
  return { client, accessToken, refreshToken, userId: me.body.user_id };
}

/** Looks whether the calls that were made are in the audit log. */
let assertAllWritten: (() => Promise<void>) | null = null;

async function start(): Promise<ServiceUnderTest> {
  const kept = keepCalls();
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-operations-'));
  const temporary = path.join(folder, 'tmp');
  await mkdir(temporary);
  const service = await startProcess({
    DATA_DIR: folder,
    TMPDIR: temporary,
    LOG_LEVEL: 'trace',
    // Replies are held against the contract.
    ENVIRONMENT: 'testing',
    WEBHOOK_ALLOWED_HOSTS: 'localhost',
  });
  running = { process: service, folder };
  const { url } = service;
  // As an operator gives roles: past the service, into its database.
  const database = valueOf(await openDatabase(path.join(folder, 'clarity.db')));
  const accounts = new SqlAccountStore(database);
  assertAllWritten = async () => {
    const { operations: called } = await assertWrittenOnce(new SqlAuditStore(database), kept.calls(url));
    assert.ok(called >= MOST_AUDITED, `only ${String(called)} operations were called`);
  };
  let people = 0;
  const newCaller = async (roles: readonly Role[] = []): Promise<Caller> => {
    people++;
    const email = `${markers.mark('address')}-${String(people)}@example.org`;
    const body = { email, password: PASSWORD, display_name: markers.mark('displayname') };
    const registered = await createClient({ baseUrl: url }).register({ body });
    assert.ok(registered.ok && registered.status === 201, JSON.stringify(registered));
    const first = await speakingFor(url, registered.body);
    callers.push({ ...first, email, password: PASSWORD });
    if (roles.length === 0) return { ...first, email, password: PASSWORD };
    valueOf(await accounts.setRoles(userId(first.userId), roles));
    // Tokens tell the roles that there were when they were made.
    const refreshed = await first.client.refresh({ body: { refresh_token: first.refreshToken } });
    assert.ok(refreshed.ok);
    return { ...(await speakingFor(url, refreshed.body)), email, password: PASSWORD };
  };
  return {
    url,
    newCaller,
    codeFor: async (email) =>
      /^ {4}([A-Z2-7]{4}-[A-Z2-7]{4})\r?$/m.exec(await mailTo(path.join(folder, 'mail'), email))?.[1] ?? '',
    takesDirectUploads: false,
    confirmsAccounts: false,
    keepsAccounts: true,
    lacks: [],
    close: async () => {
      kept.stop();
      await database.close();
      await service.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Nearly every audited operation of the contract is called by its test. */
const MOST_AUDITED = 60;

const operations = operationsOf('embedded', start);

operations('every one of these calls is in the audit log once, and nothing else is', async () => {
  assert.ok(assertAllWritten !== null, 'after the other tests');
  await assertAllWritten();
});

operations('nothing of a person has got into the log, temporary files or the data folder by any of them', async () => {
  assert.ok(running !== null && callers.length > 5, 'after the other tests');
  const { process: service, folder } = running;
  const open = await hitsInFolder(folder, markers.stem);
  await service.stop();
  const logged = service.printed();
  assert.match(logged, '"route":"/api/v1/auth/login"');
  const hits = [
    ...hitsIn('log', logged, markers.stem),
    ...open,
    ...(await hitsInFolder(folder, markers.stem)),
    ...hitsInDatabase(path.join(folder, 'clarity.db'), markers.stem),
  ];
  assert.equal(told(hits.filter((hit) => !isKnownPlace(hit))), []);
  assert.ok(hits.some(isKnownPlace), 'mails are found');
  const database = await readFile(path.join(folder, 'clarity.db'), 'latin1');
  for (const { accessToken, refreshToken } of callers.slice(0, 10)) {
    for (const token of [accessToken, refreshToken]) {
      const secret = token.slice(-40);
      assert.not.ok(logged.includes(secret), 'a token in the log');
      assert.not.ok(database.includes(secret), 'a token in the database');
    }
  }
});

operations.run();
