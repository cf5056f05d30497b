import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileObjectStore } from '../../../adapters/filesystem/object-store.ts';
import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { MemoryEmailedCodes } from '../../../adapters/memory/emailed-codes.ts';
import { MemoryLoginAttempts } from '../../../adapters/memory/login-attempts.ts';
import { MemorySecondFactorStore } from '../../../adapters/memory/second-factor-store.ts';
import { MemoryInsightStore } from '../../../adapters/memory/insight-store.ts';
import { MemoryMetricStore } from '../../../adapters/memory/metric-store.ts';
import { MemoryObjectStore } from '../../../adapters/memory/object-store.ts';
import { MemoryConsentStore } from '../../../adapters/memory/consent-store.ts';
import { MemoryIdempotencyStore } from '../../../adapters/memory/idempotency-store.ts';
import { MemoryRoomBoard } from '../../../adapters/memory/room-board.ts';
import { SqlConsentStore } from '../../../adapters/sql/consent-store.ts';
import { SqlIdempotencyStore } from '../../../adapters/sql/idempotency-store.ts';
import { SqlRoomBoard } from '../../../adapters/sql/room-board.ts';
import { EncryptedConsentStore } from '../../../core/encryption/encrypted-consent-store.ts';
import { EncryptedIdempotencyStore } from '../../../core/encryption/encrypted-idempotency-store.ts';
import { EncryptedRoomBoard } from '../../../core/encryption/encrypted-room-board.ts';
import { consentStoreContract, durableConsentStoreContract } from '../../contracts/consent-store.contract.ts';
import {
  durableIdempotencyStoreContract,
  idempotencyStoreContract,
} from '../../contracts/idempotency-store.contract.ts';
import { roomBoardContract } from '../../contracts/room-board.contract.ts';
import { MemoryWebhookStore } from '../../../adapters/memory/webhook-store.ts';
import { nodeCipher } from '../../../adapters/node/cipher.ts';
import { LocalKeyWrapper } from '../../../adapters/node/local-key-wrapper.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { SqlAccountStore } from '../../../adapters/sql/account-store.ts';
import { SqlDataKeys } from '../../../adapters/sql/data-keys.ts';
import type { SqlDatabase } from '../../../adapters/sql/database.ts';
import { SqlEmailedCodes } from '../../../adapters/sql/emailed-codes.ts';
import { SqlInsightStore } from '../../../adapters/sql/insight-store.ts';
import { SqlMetricStore } from '../../../adapters/sql/metric-store.ts';
import { SqlWebhookStore } from '../../../adapters/sql/webhook-store.ts';
import { EncryptedAccountStore } from '../../../core/encryption/encrypted-account-store.ts';
import { EncryptedEmailedCodes } from '../../../core/encryption/encrypted-emailed-codes.ts';
import { EncryptedInsightStore } from '../../../core/encryption/encrypted-insight-store.ts';
import { EncryptedMetricStore } from '../../../core/encryption/encrypted-metric-store.ts';
import { EncryptedObjectStore } from '../../../core/encryption/encrypted-object-store.ts';
import { EncryptedWebhookStore } from '../../../core/encryption/encrypted-webhook-store.ts';
import { EncryptedSecondFactorStore } from '../../../core/encryption/encrypted-second-factor-store.ts';
import { IndexedLoginAttempts } from '../../../core/encryption/indexed-login-attempts.ts';
import { KeyRing } from '../../../core/encryption/key-ring.ts';
import type { MasterKeys } from '../../../core/encryption/ports.ts';
import type { Encryption } from '../../../core/encryption/sealed-fields.ts';
import { MemoryMasterKeys } from '../../../adapters/memory/master-keys.ts';
import { accountStoreContract, durableAccountStoreContract } from '../../contracts/account-store.contract.ts';
import { emailedCodesContract } from '../../contracts/emailed-codes.contract.ts';
import { durableInsightStoreContract, insightStoreContract } from '../../contracts/insight-store.contract.ts';
import { loginAttemptsContract } from '../../contracts/login-attempts.contract.ts';
import { durableMetricStoreContract, metricStoreContract } from '../../contracts/metric-store.contract.ts';
import { durableObjectStoreContract, objectStoreContract } from '../../contracts/object-store.contract.ts';
import { secondFactorStoreContract } from '../../contracts/second-factor-store.contract.ts';
import {
  durableWebhookStoreContract,
  forgettingWebhookStoreContract,
  webhookStoreContract,
} from '../../contracts/webhook-store.contract.ts';
import { memoryEncryption } from '../../unit/encryption/memory-encryption.ts';
import { SettableClock } from '../../unit/memory-world.ts';
import { storeOver } from '../sql/database-under-test.ts';

const inMemory =
  <Store>(make: (encryption: Encryption) => Store) =>
  async () => ({ store: make(memoryEncryption()), close: async () => undefined });

/** Stores and data keys in one database; the master key outlives it, as its file does. */
const inDatabase = <Store>(make: (database: SqlDatabase, encryption: Encryption) => Store) => {
  const masterKeys: MasterKeys = new MemoryMasterKeys();
  return storeOver((database) => {
    const dataKeys = new SqlDataKeys(database);
    const wrapper = new LocalKeyWrapper(masterKeys);
    const keys = new KeyRing({ dataKeys, wrapper, cipher: nodeCipher, clock: new SettableClock() });
    return make(database, { keys, cipher: nodeCipher });
  });
};

objectStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedObjectStore(new MemoryObjectStore(), encryption, nodeStreamDigest)),
);

const onDisk = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-encrypted-'));
  const encryption = memoryEncryption();
  const open = (): EncryptedObjectStore =>
    new EncryptedObjectStore(new FileObjectStore(folder), encryption.another(), nodeStreamDigest);
  return {
    store: open(),
    reopen: async () => open(),
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
objectStoreContract('encrypted, filesystem', onDisk, { runs: 20 });
durableObjectStoreContract('encrypted, filesystem', onDisk);

webhookStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedWebhookStore(new MemoryWebhookStore(), encryption)),
);
const webhooks = inDatabase(
  (database, encryption) => new EncryptedWebhookStore(new SqlWebhookStore(database), encryption),
);
webhookStoreContract('encrypted, sql', webhooks);
forgettingWebhookStoreContract('encrypted, sql', webhooks);
durableWebhookStoreContract('encrypted, sql', webhooks);

accountStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedAccountStore(new MemoryAccountStore(), encryption)),
);
const accounts = inDatabase(
  (database, encryption) => new EncryptedAccountStore(new SqlAccountStore(database), encryption),
);
accountStoreContract('encrypted, sql', accounts);
durableAccountStoreContract('encrypted, sql', accounts);

metricStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedMetricStore(new MemoryMetricStore(), encryption)),
);
const metrics = inDatabase(
  (database, encryption) => new EncryptedMetricStore(new SqlMetricStore(database), encryption),
);
metricStoreContract('encrypted, sql', metrics);
durableMetricStoreContract('encrypted, sql', metrics);

insightStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedInsightStore(new MemoryInsightStore(), encryption)),
);
const insights = inDatabase(
  (database, encryption) => new EncryptedInsightStore(new SqlInsightStore(database), encryption),
);
insightStoreContract('encrypted, sql', insights);
durableInsightStoreContract('encrypted, sql', insights);

emailedCodesContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedEmailedCodes(new MemoryEmailedCodes(), encryption)),
);
emailedCodesContract(
  'encrypted, sql',
  inDatabase((database, encryption) => new EncryptedEmailedCodes(new SqlEmailedCodes(database), encryption)),
);

loginAttemptsContract(
  'indexed, memory',
  inMemory((encryption) => new IndexedLoginAttempts(new MemoryLoginAttempts(), encryption)),
);
secondFactorStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedSecondFactorStore(new MemorySecondFactorStore(), encryption)),
);

idempotencyStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedIdempotencyStore(new MemoryIdempotencyStore(), encryption)),
);
const calls = inDatabase(
  (database, encryption) => new EncryptedIdempotencyStore(new SqlIdempotencyStore(database), encryption),
);
idempotencyStoreContract('encrypted, sql', calls);
durableIdempotencyStoreContract('encrypted, sql', calls);

roomBoardContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedRoomBoard(new MemoryRoomBoard(), encryption)),
);
roomBoardContract(
  'encrypted, sql',
  inDatabase((database, encryption) => new EncryptedRoomBoard(new SqlRoomBoard(database), encryption)),
);

consentStoreContract(
  'encrypted, memory',
  inMemory((encryption) => new EncryptedConsentStore(new MemoryConsentStore(), encryption)),
);
const consents = inDatabase(
  (database, encryption) => new EncryptedConsentStore(new SqlConsentStore(database), encryption),
);
consentStoreContract('encrypted, sql', consents);
durableConsentStoreContract('encrypted, sql', consents);
