import { okAsync, ResultAsync } from 'neverthrow';
import { systemClock } from '../../adapters/node/clock.ts';
import type { SchemaTooNew } from '../../adapters/sql/migrate.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { AwsResources } from '../../adapters/aws/settings.ts';
import type { Config } from './config.ts';
import { embeddedStorage, memoryStorage, type Storage } from './storage.ts';

/** Opens the profile that the configuration names. */
export function openStorage(config: Config): ResultAsync<Storage, SchemaTooNew | PortUnavailable> {
  if (config.aws !== null) return openAwsStorage(config.aws);
  const { mail } = config.accounts;
  return config.storage === 'memory'
    ? okAsync(memoryStorage(mail))
    : embeddedStorage(config.dataDir, systemClock.now(), mail);
}

/** The SDK is loaded only where it is used. */
const openAwsStorage = (aws: AwsResources): ResultAsync<Storage, PortUnavailable> =>
  ResultAsync.fromPromise(import('./aws-storage.ts'), (cause) => portUnavailable('AWS SDK', 'load', cause, false)).map(
    ({ awsStorage }) => awsStorage(aws),
  );
