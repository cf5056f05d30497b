import { existsSync } from 'node:fs';
import path from 'node:path';
import { errAsync, type ResultAsync } from 'neverthrow';
import { ownersIn } from '../../adapters/sql/owners.ts';
import type { AccountStores } from '../../core/account/account-side.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { readConfig } from '../wiring/config.ts';
import { openStorage } from '../wiring/open-storage.ts';
import type { AuditedPlace } from './operator-log.ts';
import { portFault } from './account-place.ts';

export const MIGRATION_PROFILES = ['embedded', 'aws'] as const;
export type MigrationProfile = (typeof MIGRATION_PROFILES)[number];

/** Where one end of a migration is. */
export interface MigrationPlace {
  readonly profile: MigrationProfile;
  /** For `embedded`; null for DATA_DIR of the environment. */
  readonly dataDir: string | null;
}

/** One end of a migration, opened. */
export interface MigrationEnd {
  readonly stores: AccountStores;
  /** Where what is done here is written down. */
  readonly audited: AuditedPlace;
  /** Everybody who has something here; null where the technology cannot tell without reading everything. */
  readonly owners: (() => ResultAsync<readonly UserId[], string>) | null;
  readonly close: () => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens a profile as the service would, with the same variables. Fails with one plain text (a line a problem). An
 * installation to read from has to exist; one to write to is made.
 */
export function openMigrationEnd(
  { profile, dataDir }: MigrationPlace,
  role: 'source' | 'target',
  environment: Environment,
): ResultAsync<MigrationEnd, string> {
  const config = readConfig({
    ...environment,
    STORAGE: profile,
    ...(dataDir === null ? {} : { DATA_DIR: dataDir }),
  });
  if (config.isErr()) {
    return errAsync(config.error.map(({ variable, message }) => `${variable}: ${message}`).join('\n'));
  }
  // As `openStorage` lays an installation out.
  const databaseFile = path.join(config.value.dataDir, 'clarity.db');
  if (profile === 'embedded' && role === 'source' && !existsSync(databaseFile)) {
    return errAsync(`there is no installation in ${config.value.dataDir}: ${databaseFile} does not exist`);
  }
  return openStorage(config.value, { writeOn: 'this-thread' })
    .mapErr(storageFault)
    .map((stores) => ({
      stores,
      audited: stores,
      owners: profile === 'embedded' ? () => ownersIn(databaseFile).mapErr(storageFault) : null,
      close: stores.close,
    }));
}

const storageFault = (error: { readonly kind: 'schema-too-new'; readonly message: string } | PortUnavailable): string =>
  error.kind === 'schema-too-new' ? error.message : portFault(error);
