import { err, ok, okAsync, type ResultAsync } from 'neverthrow';
import { MasterKeyFiles } from '../../adapters/filesystem/master-key-files.ts';
import { nodeCipher } from '../../adapters/node/cipher.ts';
import { LocalKeyWrapper } from '../../adapters/node/local-key-wrapper.ts';
import { nodeStreamDigest } from '../../adapters/node/stream-digest.ts';
import { EncryptedConsentStore } from '../../core/encryption/encrypted-consent-store.ts';
import { EncryptedIdempotencyStore } from '../../core/encryption/encrypted-idempotency-store.ts';
import { EncryptedRoomBoard } from '../../core/encryption/encrypted-room-board.ts';
import { EncryptedAccountStore } from '../../core/encryption/encrypted-account-store.ts';
import { EncryptedEmailedCodes } from '../../core/encryption/encrypted-emailed-codes.ts';
import { EncryptedInsightStore } from '../../core/encryption/encrypted-insight-store.ts';
import { EncryptedMetricStore } from '../../core/encryption/encrypted-metric-store.ts';
import { EncryptedObjectStore } from '../../core/encryption/encrypted-object-store.ts';
import { EncryptedSecondFactorStore } from '../../core/encryption/encrypted-second-factor-store.ts';
import { EncryptedWebhookStore } from '../../core/encryption/encrypted-webhook-store.ts';
import { ForgettingDataKeys } from '../../core/encryption/forgetting-data-keys.ts';
import { IndexedLoginAttempts } from '../../core/encryption/indexed-login-attempts.ts';
import { KeyRing } from '../../core/encryption/key-ring.ts';
import type { DataKeys } from '../../core/encryption/ports.ts';
import type { Encryption } from '../../core/encryption/sealed-fields.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { LocalPeople, MasterKeyInUse, Storage } from './storage.ts';

/** The same storage with what identifies people, what they write, and raw files encrypted before it is kept. */
export function encryptedStorage<Kept extends Storage>(storage: Kept, masterKey: MasterKeyInUse, clock: Clock): Kept {
  const { dataKeys } = storage;
  const { wrapper } = masterKey;
  const keys = new KeyRing({ dataKeys, wrapper, cipher: nodeCipher, clock });
  const encryption: Encryption = { keys, cipher: nodeCipher };
  return {
    ...storage,
    masterKey,
    dataKeys: new ForgettingDataKeys(dataKeys, keys),
    objects: new EncryptedObjectStore(storage.objects, encryption, nodeStreamDigest),
    metrics: new EncryptedMetricStore(storage.metrics, encryption),
    insights: new EncryptedInsightStore(storage.insights, encryption),
    webhooks: new EncryptedWebhookStore(storage.webhooks, encryption),
    consents: new EncryptedConsentStore(storage.consents, encryption),
    idempotency: new EncryptedIdempotencyStore(storage.idempotency, encryption),
    rooms: new EncryptedRoomBoard(storage.rooms, encryption),
    people: storage.people.kind === 'local' ? encryptedPeople(storage.people, encryption) : storage.people,
  };
}

const encryptedPeople = (people: LocalPeople, encryption: Encryption): LocalPeople => ({
  ...people,
  accounts: new EncryptedAccountStore(people.accounts, encryption),
  codes: new EncryptedEmailedCodes(people.codes, encryption),
  attempts: new IndexedLoginAttempts(people.attempts, encryption),
  secondFactors: new EncryptedSecondFactorStore(people.secondFactors, encryption),
});

/**
 * The master key of an embedded installation, in a folder beside its other keys; it is made at the first start. Where
 * there are data keys and no master key, somebody has lost it: another one would open nothing, so none is made.
 */
export function localMasterKey(folder: string, dataKeys: DataKeys): ResultAsync<MasterKeyInUse, PortUnavailable> {
  const versions = new MasterKeyFiles(folder);
  const isLost = versions
    .versions()
    .andThen((found) => (found.length > 0 ? okAsync([]) : dataKeys.list(null, 1)))
    .map((kept) => kept.length > 0);
  return (
    isLost
      // Looked at again: another process may have made the first one meanwhile.
      .andThen((lost) => (lost ? versions.versions() : versions.versionsOrFirst()))
      .andThen((found) => (found.length > 0 ? ok({ wrapper: new LocalKeyWrapper(versions), versions }) : err(LOST)))
  );
}

const LOST = portUnavailable('MasterKeys', 'versions', 'the master key is missing; restore it from a backup', false);
