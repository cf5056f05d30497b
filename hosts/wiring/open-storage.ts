import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { systemClock } from '../../adapters/node/clock.ts';
import { studyKeyOf } from '../../adapters/node/study-key.ts';
import type { OpenOptions } from '../../adapters/sql/database.ts';
import type { SchemaTooNew } from '../../adapters/sql/migrate.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { AwsResources } from '../../adapters/aws/settings.ts';
import type { Config } from './config.ts';
import { encryptedStorage, localMasterKey } from './encryption.ts';
import { embeddedStorage, keyFolder, memoryStorage, type LocalStorage, type Storage } from './storage.ts';

/**
 * Opens the profile that the configuration names, with calls counted in Redis where there is one. Where it is an embedded
 * one, a service writes on a thread of its own; a command that does one thing after the other need not begin one.
 */
export function openStorage(
  config: Config,
  options: OpenOptions = { writeOn: 'own-thread' },
): ResultAsync<Storage, SchemaTooNew | PortUnavailable> {
  const { redisUrl, studyKey } = config;
  const profile = openProfile(config, options).map((storage) =>
    studyKey === null ? storage : { ...storage, studyKey: studyKeyOf(studyKey) },
  );
  return redisUrl === null ? profile : profile.andThen((storage) => countingInRedis(storage, redisUrl));
}

function openProfile(config: Config, options: OpenOptions): ResultAsync<Storage, SchemaTooNew | PortUnavailable> {
  if (config.aws !== null) return openAwsStorage(config.aws);
  const { mail } = config.accounts;
  return config.storage === 'memory'
    ? okAsync(memoryStorage(mail))
    : embeddedStorage(config.dataDir, systemClock.now(), mail, options).andThen((storage) =>
        encryptedLocally(storage, config.dataDir),
      );
}

function encryptedLocally(storage: LocalStorage, dataDir: string): ResultAsync<Storage, PortUnavailable> {
  return localMasterKey(keyFolder(dataDir), storage.dataKeys)
    .map((masterKey) => encryptedStorage(storage, masterKey, systemClock))
    .orElse((error) => ResultAsync.fromSafePromise(storage.close()).andThen(() => errAsync(error)));
}

/** The client is loaded only where it is used, and connects when the first call is counted. */
const countingInRedis = (storage: Storage, url: string): ResultAsync<Storage, PortUnavailable> =>
  ResultAsync.fromPromise(import('../../adapters/redis/rate-counters.ts'), (cause) =>
    portUnavailable('Redis client', 'load', cause, false),
  ).map(({ RedisRateCounters }) => {
    const rateCounters = new RedisRateCounters(url);
    return {
      ...storage,
      rateCounters,
      close: async () => {
        await rateCounters.close();
        await storage.close();
      },
    };
  });

/** The SDK is loaded only where it is used. */
const openAwsStorage = (aws: AwsResources): ResultAsync<Storage, PortUnavailable> =>
  ResultAsync.fromPromise(import('./aws-storage.ts'), (cause) => portUnavailable('AWS SDK', 'load', cause, false))
    .map(({ awsStorage }) => awsStorage(aws))
    .andThen((storage) =>
      aws.dataKmsKeyId === null ? okAsync(storage) : encryptedByKms(storage, aws, aws.dataKmsKeyId),
    );

const encryptedByKms = (
  storage: Storage,
  { settings }: AwsResources,
  keyId: string,
): ResultAsync<Storage, PortUnavailable> =>
  ResultAsync.fromPromise(import('./kms-wrapper.ts'), (cause) => portUnavailable('AWS SDK', 'load', cause, false)).map(
    ({ kmsWrapper }) => {
      const wrapper = kmsWrapper(settings, keyId);
      return {
        ...encryptedStorage(storage, { wrapper, versions: null }, systemClock),
        close: async () => {
          wrapper.close();
          await storage.close();
        },
      };
    },
  );
