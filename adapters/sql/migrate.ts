import type { Kysely, Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result } from 'neverthrow';
import { firstTables } from './migrations/0001-first-tables.ts';
import { idempotency } from './migrations/0002-idempotency.ts';
import { insights } from './migrations/0003-insights.ts';
import { eventsAndWebhooks } from './migrations/0004-events-and-webhooks.ts';
import { rooms } from './migrations/0005-rooms.ts';
import { codesAndAttempts } from './migrations/0006-codes-and-attempts.ts';
import { erasedOwners } from './migrations/0007-erased-owners.ts';
import { metricsByTime } from './migrations/0008-metrics-by-time.ts';
import { rateLimits } from './migrations/0009-rate-limits.ts';
import { audit } from './migrations/0010-audit.ts';
import { identity } from './migrations/0011-identity.ts';
import { dataKeys } from './migrations/0012-data-keys.ts';
import { consents } from './migrations/0013-consents.ts';
import { administration } from './migrations/0014-administration.ts';
import { auditPeople } from './migrations/0015-audit-people.ts';
import type { Migration } from './migration.ts';
import type { Tables } from './tables.ts';

/** In order; a step's version is its place, from 1. */
const MIGRATIONS: readonly Migration[] = [
  firstTables,
  idempotency,
  insights,
  eventsAndWebhooks,
  rooms,
  codesAndAttempts,
  erasedOwners,
  metricsByTime,
  rateLimits,
  audit,
  identity,
  dataKeys,
  consents,
  administration,
  auditPeople,
];

/** The schema version that this program works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The database was made by a newer program. Working on it with an older one could lose what the older does not know. */
export interface SchemaTooNew {
  readonly kind: 'schema-too-new';
  readonly found: number;
  readonly supported: number;
  readonly message: string;
}

/**
 * Brings the schema to `SCHEMA_VERSION`, inside the caller's transaction: with the write lock held, a second process
 * waits and then finds nothing left to do.
 */
export async function migrate(transaction: Transaction<Tables>): Promise<Result<void, SchemaTooNew>> {
  await transaction.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .execute();
  const newest = await transaction
    .selectFrom('schema_version')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst();
  const found = newest?.version ?? 0;
  if (found > SCHEMA_VERSION) {
    const message = `The database has schema version ${found}, made by a newer Clarity; this one knows versions up to ${SCHEMA_VERSION}. Start the newer version again, or restore the backup from before the upgrade.`;
    return err({ kind: 'schema-too-new', found, supported: SCHEMA_VERSION, message });
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < found) continue;
    await migration.up(transaction as unknown as Kysely<unknown>);
    await transaction
      .insertInto('schema_version')
      .values({ version: index + 1, name: migration.name })
      .execute();
  }
  return ok(undefined);
}
