import type { Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import {
  pseudonym,
  type AuditDay,
  type AuditPlace,
  type Pseudonym,
  type SignedHead,
  type StoredEntry,
} from '../../core/audit/model.ts';
import type { AuditStore, KnownDay, LogExtension } from '../../core/audit/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { SqlDatabase } from './database.ts';
import type { AuditEntryRow, AuditHeadRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** The row of the end. */
const END = 1;

/** The audit log in a database: entries in the order of their day and number, closed heads, and the one end. */
export class SqlAuditStore implements AuditStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  end(): ResultAsync<SignedHead | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<SignedHead | null> => {
      const row = await transaction.selectFrom('audit_end').selectAll().where('place', '=', END).executeTakeFirst();
      return row === undefined ? null : headOf(row);
    };
    return orUnavailable('AuditStore', 'end', this.#database.read(work));
  }

  extend({ after, entries, closed, end }: LogExtension): ResultAsync<boolean, PortUnavailable> {
    const { statements } = this.#database;
    const row = headRow(end);
    const moved =
      after === null
        ? statements
            .insertInto('audit_end')
            .values({ place: END, ...row })
            .onConflict((conflict) => conflict.doNothing())
        : statements.updateTable('audit_end').set(row).where('place', '=', END).where('hash', '=', after);
    const script = [
      moved.compile(),
      statements
        .insertInto('audit_entry')
        .values(entries.map(entryRow))
        // Whoever was faster has written these numbers; the end says so.
        .onConflict((conflict) => conflict.doNothing())
        .compile(),
      ...(closed === null
        ? []
        : [
            statements
              .insertInto('audit_head')
              .values(headRow(closed))
              .onConflict((conflict) => conflict.doNothing())
              .compile(),
          ]),
    ];
    const mustChange = 1 + entries.length + (closed === null ? 0 : 1);
    const work = this.#database.writeScript({ statements: script, mustChange }).then((done) => done !== null);
    return orUnavailable('AuditStore', 'extend', work);
  }

  days(): ResultAsync<readonly KnownDay[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly KnownDay[]> => {
      const heads = new Map(
        (await transaction.selectFrom('audit_head').selectAll().execute()).map((row) => [row.day, row]),
      );
      const days = await transaction.selectFrom('audit_entry').select('day').distinct().execute();
      return [...new Set([...heads.keys(), ...days.map(({ day }) => day)])].sort().map((day) => {
        const head = heads.get(day);
        return { day, head: head === undefined ? null : headOf(head) };
      });
    };
    return orUnavailable('AuditStore', 'days', this.#database.read(work));
  }

  entries(day: AuditDay, after: number, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly StoredEntry[]> => {
      const rows = await transaction
        .selectFrom('audit_entry')
        .selectAll()
        .where('day', '=', day)
        .where('number', '>', after)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(entryOf);
    };
    return orUnavailable('AuditStore', 'entries', this.#database.read(work));
  }

  about(
    subject: Pseudonym,
    before: AuditPlace | null,
    limit: number,
  ): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly StoredEntry[]> => {
      const about = transaction.selectFrom('audit_entry').selectAll().where('subject', '=', subject);
      const some =
        before === null
          ? about
          : about.where((eb) => eb(eb.refTuple('day', 'number'), '<', eb.tuple(before.day, before.number)));
      const rows = await some.orderBy('day', 'desc').orderBy('number', 'desc').limit(limit).execute();
      return rows.map(entryOf);
    };
    return orUnavailable('AuditStore', 'about', this.#database.read(work));
  }

  newest(before: AuditPlace | null, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly StoredEntry[]> => {
      const all = transaction.selectFrom('audit_entry').selectAll();
      const some =
        before === null
          ? all
          : all.where((eb) => eb(eb.refTuple('day', 'number'), '<', eb.tuple(before.day, before.number)));
      const rows = await some.orderBy('day', 'desc').orderBy('number', 'desc').limit(limit).execute();
      return rows.map(entryOf);
    };
    return orUnavailable('AuditStore', 'newest', this.#database.read(work));
  }
}

const entryRow = ({ day, number, subject, text, hash }: StoredEntry): AuditEntryRow => ({
  day,
  number,
  subject,
  text,
  hash,
});

const entryOf = ({ subject, ...row }: AuditEntryRow): StoredEntry => ({
  ...row,
  subject: subject === null ? null : pseudonym(subject),
});

const headRow = ({ day, count, previous, hash, total, state, keyId, signature }: SignedHead): AuditHeadRow => ({
  day,
  count,
  previous,
  hash,
  total,
  state,
  key_id: keyId,
  signature,
});

const headOf = ({ day, count, previous, hash, total, state, key_id, signature }: AuditHeadRow): SignedHead => ({
  day,
  count,
  previous,
  hash,
  total,
  state: state as SignedHead['state'],
  keyId: key_id,
  signature,
});
