import type { Transaction } from 'kysely';
import { err, ok } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import {
  consentId,
  type Consent,
  type ConsentedType,
  type ConsentId,
  type ConsentPurpose,
  type EmergencyAccess,
} from '../../core/consent/model.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import { userId } from '../../core/kernel/ids.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { ConsentRow, EmergencyAccessRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Consents and emergency accesses in a database. */
export class SqlConsentStore implements ConsentStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  insert(consent: Consent): ResultAsync<void, PortUnavailable> {
    const row = rowOf(consent);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .insertInto('consent')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'consent_id']).doNothing())
        .execute();
    };
    return orUnavailable('ConsentStore', 'insert', this.#database.write(work));
  }

  revoke(patient: UserId, id: ConsentId, atMs: EpochMs): ResultAsync<Consent, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<Consent, NotFound>> => {
      await transaction
        .updateTable('consent')
        .set({ revoked_at_ms: atMs })
        .where('owner', '=', patient)
        .where('consent_id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .execute();
      const row = await transaction
        .selectFrom('consent')
        .selectAll()
        .where('owner', '=', patient)
        .where('consent_id', '=', id)
        .executeTakeFirst();
      return row === undefined ? err(notFound('consent', id)) : ok(consentOf(row));
    };
    return orUnavailable('ConsentStore', 'revoke', this.#database.write(work)).andThen((revoked) => revoked);
  }

  ofPatient(patient: UserId): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Consent[]> => {
      const rows = await newestFirst(transaction).where('owner', '=', patient).execute();
      return rows.map(consentOf);
    };
    return orUnavailable('ConsentStore', 'ofPatient', this.#database.read(work));
  }

  forGrantee(grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Consent[]> => {
      const rows = await inForce(transaction, grantee, nowMs).execute();
      return rows.map(consentOf);
    };
    return orUnavailable('ConsentStore', 'forGrantee', this.#database.read(work));
  }

  between(patient: UserId, grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Consent[]> => {
      const rows = await inForce(transaction, grantee, nowMs).where('owner', '=', patient).execute();
      return rows.map(consentOf);
    };
    return orUnavailable('ConsentStore', 'between', this.#database.read(work));
  }

  insertEmergency(access: EmergencyAccess): ResultAsync<void, PortUnavailable> {
    const row = accessRowOf(access);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .insertInto('emergency_access')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'access_id']).doNothing())
        .execute();
    };
    return orUnavailable('ConsentStore', 'insertEmergency', this.#database.write(work));
  }

  emergencies(patient: UserId): ResultAsync<readonly EmergencyAccess[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly EmergencyAccess[]> => {
      const rows = await transaction
        .selectFrom('emergency_access')
        .selectAll()
        .where('owner', '=', patient)
        .orderBy('opened_at_ms', 'desc')
        .orderBy('access_id')
        .execute();
      return rows.map(accessOf);
    };
    return orUnavailable('ConsentStore', 'emergencies', this.#database.read(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await eraseOwnerRows(transaction, owner, ['consent', 'emergency_access']);
      await transaction.deleteFrom('consent').where('grantee', '=', owner).execute();
      await transaction
        .updateTable('emergency_access')
        .set({ clinician: null })
        .where('clinician', '=', owner)
        .execute();
    };
    return orUnavailable('ConsentStore', 'eraseOwner', this.#database.write(work));
  }
}

const newestFirst = (transaction: Transaction<Tables>) =>
  transaction.selectFrom('consent').selectAll().orderBy('created_at_ms', 'desc').orderBy('consent_id').orderBy('owner');

/** As `isInForce` says it. */
const inForce = (transaction: Transaction<Tables>, grantee: UserId, nowMs: EpochMs) =>
  newestFirst(transaction)
    .where('grantee', '=', grantee)
    .where('ends_at_ms', '>', nowMs)
    .where('created_at_ms', '<=', nowMs)
    .where('revoked_at_ms', 'is', null);

const rowOf = (consent: Consent): ConsentRow => ({
  owner: consent.patient,
  consent_id: consent.consentId,
  grantee: consent.grantee,
  purpose: consent.purpose,
  data_types: JSON.stringify(consent.dataTypes),
  created_at_ms: consent.createdAtMs,
  ends_at_ms: consent.endsAtMs,
  revoked_at_ms: consent.revokedAtMs,
});

const consentOf = (row: ConsentRow): Consent => ({
  patient: userId(row.owner),
  consentId: consentId(row.consent_id),
  grantee: userId(row.grantee),
  purpose: row.purpose as ConsentPurpose,
  dataTypes: JSON.parse(row.data_types) as readonly ConsentedType[],
  createdAtMs: row.created_at_ms,
  endsAtMs: row.ends_at_ms,
  revokedAtMs: row.revoked_at_ms,
});

const accessRowOf = (access: EmergencyAccess): EmergencyAccessRow => ({
  owner: access.patient,
  access_id: access.accessId,
  clinician: access.clinician,
  reason: access.reason,
  opened_at_ms: access.openedAtMs,
  ends_at_ms: access.endsAtMs,
});

const accessOf = (row: EmergencyAccessRow): EmergencyAccess => ({
  patient: userId(row.owner),
  accessId: row.access_id,
  clinician: row.clinician === null ? null : userId(row.clinician),
  reason: row.reason,
  openedAtMs: row.opened_at_ms,
  endsAtMs: row.ends_at_ms,
});
