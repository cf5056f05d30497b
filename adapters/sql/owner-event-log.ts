import type { Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import {
  eventIdOf,
  eventNumberOf,
  type EventId,
  type OwnerEvent,
  type OwnerEventDraft,
  type OwnerEventType,
} from '../../core/events/model.ts';
import { EVENTS_KEPT_MS, MOST_EVENTS_KEPT, type OwnerEventLog } from '../../core/events/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { processingId } from '../../core/kernel/ids.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { OwnerEventRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** Event logs in a database. The write lock puts events one after the other, so none appears before one that was read. */
export class SqlOwnerEventLog implements OwnerEventLog {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  append(owner: UserId, draft: OwnerEventDraft): ResultAsync<OwnerEvent, PortUnavailable> {
    const { statements } = this.#database;
    const end = statements.selectFrom('owner_event_end').where('owner', '=', owner);
    const { type, at_ms, upload_id, subject, data } = rowOf(owner, 0, draft);
    const script = [
      statements
        .insertInto('owner_event_end')
        .values({ owner, number: 1 })
        .onConflict((conflict) =>
          conflict.column('owner').doUpdateSet((expression) => ({
            number: expression('owner_event_end.number', '+', 1),
          })),
        )
        .compile(),
      statements
        .insertInto('owner_event')
        .columns(['owner', 'number', 'type', 'at_ms', 'upload_id', 'subject', 'data'])
        .expression(
          end.select((eb) => [
            'owner',
            'number',
            eb.val(type).as('type'),
            eb.val(at_ms).as('at_ms'),
            eb.val(upload_id).as('upload_id'),
            eb.val(subject).as('subject'),
            eb.val(data).as('data'),
          ]),
        )
        .compile(),
      statements
        .deleteFrom('owner_event')
        .where('owner', '=', owner)
        .where(
          'number',
          '<=',
          end.select(({ eb }) => eb('number', '-', MOST_EVENTS_KEPT).as('number')),
        )
        .compile(),
      end.select('number').compile(),
    ];
    const numbered = async (): Promise<OwnerEvent> => {
      const last = await this.#database.writeScript({ statements: script });
      const [row] = last!.rows as readonly [{ readonly number: number }];
      return { ...draft, id: eventIdOf(row.number) };
    };
    return orUnavailable('OwnerEventLog', 'append', numbered());
  }

  after(owner: UserId, after: EventId | null, limit: number): ResultAsync<readonly OwnerEvent[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly OwnerEvent[]> => {
      const rows = await transaction
        .selectFrom('owner_event')
        .selectAll()
        .where('owner', '=', owner)
        .where('number', '>', after === null ? 0 : eventNumberOf(after))
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(eventOf);
    };
    return orUnavailable('OwnerEventLog', 'after', this.#database.read(work));
  }

  newest(owner: UserId): ResultAsync<EventId | null, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<EventId | null> => {
      const end = await transaction
        .selectFrom('owner_event_end')
        .select('number')
        .where('owner', '=', owner)
        .executeTakeFirst();
      return end === undefined ? null : eventIdOf(end.number);
    };
    return orUnavailable('OwnerEventLog', 'newest', this.#database.read(work));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .deleteFrom('owner_event')
        .where('owner', '=', owner)
        .where('upload_id', '=', upload)
        .where('type', '!=', 'data.deleted')
        .execute();
    };
    return orUnavailable('OwnerEventLog', 'deleteUpload', this.#database.write(work));
  }

  forgetOld(owner: UserId, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .deleteFrom('owner_event')
        .where('owner', '=', owner)
        .where('at_ms', '<', nowMs - EVENTS_KEPT_MS)
        .execute();
    };
    return orUnavailable('OwnerEventLog', 'forgetOld', this.#database.write(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) =>
      eraseOwnerRows(transaction, owner, ['owner_event', 'owner_event_end']);
    return orUnavailable('OwnerEventLog', 'eraseOwner', this.#database.write(work));
  }
}

const rowOf = (
  owner: UserId,
  number: number,
  { type, atMs, upload, subject, data }: OwnerEventDraft,
): OwnerEventRow => ({ owner, number, type, at_ms: atMs, upload_id: upload, subject, data: JSON.stringify(data) });

const eventOf = (row: OwnerEventRow): OwnerEvent => ({
  id: eventIdOf(row.number),
  type: row.type as OwnerEventType,
  atMs: row.at_ms,
  upload: row.upload_id === null ? null : processingId(row.upload_id),
  subject: row.subject,
  data: JSON.parse(row.data) as OwnerEvent['data'],
});
