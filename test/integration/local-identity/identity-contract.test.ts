import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import { SqlAccountStore } from '../../../adapters/sql/account-store.ts';
import { openDatabase } from '../../../adapters/sql/database.ts';
import { SqlEmailedCodes } from '../../../adapters/sql/emailed-codes.ts';
import { SqlLoginAttempts } from '../../../adapters/sql/login-attempts.ts';
import {
  identityContract,
  type IdentityTraits,
  type IdentityUnderTest,
} from '../../contracts/identity-provider.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { countingSecrets, FIRST_CODE, localInstallation } from './local-installation.ts';

const LOCAL: IdentityTraits = {
  usableAtOnce: true,
  keepsCase: true,
  tokensNameAddress: true,
  shortTokens: true,
  settlesRaces: true,
  refusesWeakPasswords: true,
  knowsWrongPasswords: true,
  namesSessions: true,
  revokesOneSession: true,
  revokesTwice: true,
  refusesTokensOfErased: true,
  revokesWithoutRefreshToken: true,
  endsAllSessions: true,
  endsSessionById: true,
  guardsChangedAddress: true,
  changesAddressAtOnce: false,
  sentCode: FIRST_CODE,
  resends: true,
};

/** Sends the same code every time. */
const SECRETS = { ...countingSecrets(), code: () => FIRST_CODE };

function underTest(
  { provider }: ReturnType<typeof localInstallation>,
  activate: IdentityUnderTest['activate'],
  close: IdentityUnderTest['close'],
): IdentityUnderTest {
  return {
    identities: provider,
    challenges: provider,
    confirmation: provider,
    recovery: provider,
    sessions: provider,
    tokens: provider,
    activate,
    settled: () => provider.settled(),
    close,
  };
}

identityContract(
  'local, on the stores in memory',
  () => {
    const stores = { accounts: new MemoryAccountStore(), signingKeys: new MemorySigningKeyStore(), secrets: SECRETS };
    const installation = localInstallation({}, stores);
    return Promise.resolve(
      underTest(
        installation,
        () => Promise.resolve(),
        () => Promise.resolve(),
      ),
    );
  },
  LOCAL,
);

identityContract(
  'local, on a database, where addresses must be confirmed',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'clarity-identity-'));
    const database = valueOf(await openDatabase(path.join(folder, 'clarity.db')));
    const stores = {
      accounts: new SqlAccountStore(database),
      codes: new SqlEmailedCodes(database),
      attempts: new SqlLoginAttempts(database),
      secrets: SECRETS,
    };
    const installation = localInstallation({ requireEmailVerification: true }, stores);
    const { provider } = installation;
    return underTest(
      installation,
      async (email) => {
        await provider.settled();
        valueOf(await provider.confirm(email, FIRST_CODE));
      },
      async () => {
        await provider.settled();
        await database.close();
        await rm(folder, { recursive: true, force: true });
      },
    );
  },
  { ...LOCAL, usableAtOnce: false },
);
