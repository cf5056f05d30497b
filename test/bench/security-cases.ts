import { randomInt } from 'node:crypto';
import { memoryStorage } from '../../hosts/wiring/storage.ts';
import { startOnAws } from '../e2e/aws-service.ts';
import { askedWithBadTokens, forgedTokens } from '../e2e/bad-tokens-on-routes.ts';
import { startInProcess } from '../e2e/in-process-service.ts';
import type { ServiceUnderTest } from '../e2e/operations.ts';
import { startForLoops } from '../loops/service-for-loops.ts';
import { keysAreTheirOwners, strangersReadNothing } from '../loops/strangers.ts';
import { foreignReadsAsAbsent, twoUsers } from '../loops/two-users.ts';
import { auditMutations } from './audit-mutations.ts';
import { asserted, together, type Checked } from './checked.ts';
import { equalTimes } from './equal-times.ts';
import { testFiles } from './test-files.ts';

const LOGIN_TRIES = 200;
const MUTATIONS = 10_000;

/** What one person learns of another on every route of such a service. */
async function twoUsersOn(start: () => Promise<ServiceUnderTest>): Promise<Checked> {
  const service = await start();
  try {
    const users = await twoUsers(service);
    return together(
      // Before the others name the owner's ids in what they send themselves.
      await asserted(() => strangersReadNothing(users)),
      await asserted(async () => (await foreignReadsAsAbsent(users)).pairs),
      await asserted(() => keysAreTheirOwners(users)),
    );
  } finally {
    await service.close();
  }
}

/** What is looked at, by the name under which it can be asked for alone. */
export const SECURITY_CASES: Readonly<Record<string, () => Promise<Checked>>> = {
  'equal-times': async () => {
    const { isEqual, ...facts } = await equalTimes(LOGIN_TRIES);
    const failed = isEqual ? [] : ['the time tells an unknown address from a wrong password'];
    return { cases: 1, failed, facts };
  },

  'bad-tokens': async () => {
    const storage = memoryStorage();
    const service = await startInProcess({}, storage);
    try {
      const { bad } = await forgedTokens(service, storage);
      const { cases, failures } = await askedWithBadTokens(service, bad);
      return { cases, failed: failures };
    } finally {
      await service.close();
    }
  },

  roles: () => testFiles('test/loops/roles.test.ts', 'test/unit/access/permissions.test.ts'),

  'two-users': () => twoUsersOn(startForLoops),

  'two-users-aws': () => twoUsersOn(startOnAws),

  'server-owned-fields': () => testFiles('test/loops/server-owned.test.ts'),

  'audit-mutations': async () => {
    const seed = randomInt(2 ** 31);
    const { cases, missed } = await auditMutations(MUTATIONS, seed);
    return { cases, failed: missed, facts: { seed } };
  },

  audited: () => testFiles('test/loops/audited.test.ts'),

  canaries: () => testFiles('test/canaries/find-markers.test.ts', 'test/canaries/routes.test.ts'),

  headers: () => testFiles('test/unit/http/security-headers.test.ts'),

  'two-processes': () =>
    testFiles(
      'test/e2e/two-processes.test.ts',
      'test/integration/sql/rate-counters.test.ts',
      'test/integration/sql/login-attempts.test.ts',
      'test/integration/sql/account-store.test.ts',
      'test/integration/sql/two-processes.test.ts',
    ),

  encryption: () =>
    testFiles('test/property/encryption.test.ts', 'test/integration/encryption/encrypted-installation.test.ts'),

  repository: () => testFiles('test/architecture/dependencies.test.ts', 'test/architecture/secrets.test.ts'),
};
