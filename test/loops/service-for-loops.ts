import { createClient } from '../../contracts/client.ts';
import { memoryStorage, type Storage } from '../../hosts/wiring/storage.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { PASSWORD, startInProcess, type InProcessService } from '../e2e/in-process-service.ts';
import type { Caller, ServiceUnderTest } from '../e2e/operations.ts';

/** A service in this process, as the tests of every operation know it. */
export interface ServiceForLoops extends ServiceUnderTest {
  readonly inside: InProcessService;
}

const LAST_JOB_MS = 10_000;

/** Starts it on memory, or on what is given. It works on jobs; webhooks may go to this machine. */
export async function startForLoops(storage: Storage = memoryStorage()): Promise<ServiceForLoops> {
  const inside = await startInProcess({ WEBHOOK_ALLOWED_HOSTS: 'localhost' }, storage);
  const jobs = inside.get(TOKENS.jobRunner);
  jobs.start();
  let people = 0;
  return {
    inside,
    url: inside.url,
    newCaller: async (roles = []): Promise<Caller> => {
      const { id, email, token, refreshToken } = await inside.person(`person-${String(++people)}@example.org`, roles);
      const client = createClient({ baseUrl: inside.url, token: () => token });
      return { client, userId: id, email, password: PASSWORD, accessToken: token, refreshToken };
    },
    codeFor: () => Promise.reject(new Error('mail is not looked at here')),
    takesDirectUploads: false,
    confirmsAccounts: false,
    keepsAccounts: true,
    lacks: [],
    close: async () => {
      await jobs.stop(LAST_JOB_MS);
      await inside.close();
    },
  };
}
