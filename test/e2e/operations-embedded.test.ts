import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { createClient } from '../../contracts/client.ts';
import type { Role } from '../../core/auth/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { operationsOf, type Caller, type ServiceUnderTest } from './operations.ts';
import { startProcess } from './running-service.ts';

const PASSWORD = 'Correct-horse-7';

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

async function start(): Promise<ServiceUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-operations-'));
  const service = await startProcess({
    DATA_DIR: folder,
    // Replies are held against the contract.
    ENVIRONMENT: 'testing',
    WEBHOOK_ALLOWED_HOSTS: 'localhost',
  });
  const { url } = service;
  // As an operator gives roles: past the service, into its database.
  const database = valueOf(await openDatabase(path.join(folder, 'clarity.db')));
  const accounts = new SqlAccountStore(database);
  let people = 0;
  const newCaller = async (roles: readonly Role[] = []): Promise<Caller> => {
    people++;
    const email = `person-${String(people)}@example.org`;
    const registered = await createClient({ baseUrl: url }).register({ body: { email, password: PASSWORD } });
    assert.ok(registered.ok && registered.status === 201, JSON.stringify(registered));
    const first = await speakingFor(url, registered.body);
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
    codeFor: async (email) => /^ {4}(\d{6})\r?$/m.exec(await mailTo(path.join(folder, 'mail'), email))?.[1] ?? '',
    takesDirectUploads: false,
    confirmsAccounts: false,
    keepsAccounts: true,
    lacks: [],
    close: async () => {
      await database.close();
      await service.stop();
      await rm(folder, { recursive: true });
    },
  };
}

operationsOf('embedded', start).run();
