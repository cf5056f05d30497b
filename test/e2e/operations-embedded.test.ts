import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { createClient } from '../../contracts/client.ts';
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

async function start(): Promise<ServiceUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-operations-'));
  const service = await startProcess({
    DATA_DIR: folder,
    // Replies are held against the contract.
    ENVIRONMENT: 'testing',
    WEBHOOK_ALLOWED_HOSTS: 'localhost',
  });
  const { url } = service;
  let people = 0;
  const newCaller = async (): Promise<Caller> => {
    people++;
    const email = `person-${String(people)}@example.org`;
    const registered = await createClient({ baseUrl: url }).register({ body: { email, password: PASSWORD } });
    assert.ok(registered.ok && registered.status === 201, JSON.stringify(registered));
    const { access_token: accessToken, refresh_token: refreshToken } = registered.body;
    const client = createClient({ baseUrl: url, token: () => accessToken });
    const me = await client.describeMe();
    assert.ok(me.ok);
    return { client, email, password: PASSWORD, accessToken, refreshToken, userId: me.body.user_id };
  };
  return {
    url,
    newCaller,
    codeFor: async (email) => /^ {4}(\d{6})\r?$/m.exec(await mailTo(path.join(folder, 'mail'), email))?.[1] ?? '',
    takesDirectUploads: false,
    confirmsAccounts: false,
    lacks: [],
    close: async () => {
      await service.stop();
      await rm(folder, { recursive: true });
    },
  };
}

operationsOf('embedded', start).run();
