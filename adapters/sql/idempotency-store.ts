import { promisify } from 'node:util';
import { deflate as deflateCallback, inflate as inflateCallback } from 'node:zlib';
import type { Transaction } from 'kysely';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import {
  answeredCall,
  begunCall,
  extendedCall,
  releasedCall,
  type KnownCall,
} from '../../core/idempotency/known-call.ts';
import type {
  BegunCall,
  CallAttempt,
  CallLost,
  IdempotencyScope,
  IdempotencyStore,
  KeptReply,
} from '../../core/idempotency/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { KeyedCallRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

const deflate = promisify<Uint8Array, Buffer>(deflateCallback);
const inflate = promisify<Uint8Array, Buffer>(inflateCallback);

/** So many calls whose time is over go each time that another is begun: there are never many of them. */
const FORGOTTEN_A_BEGIN = 10;

type Call = Transaction<Tables>;

/** Calls with a key in a database. */
export class SqlIdempotencyStore implements IdempotencyStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  begin(scope: IdempotencyScope, attempt: CallAttempt): ResultAsync<BegunCall, PortUnavailable> {
    const work = this.#database.write(async (transaction) => {
      const { told, after } = begunCall(await find(transaction, scope), attempt);
      if (after !== null) {
        await keep(transaction, scope, after);
        await forgetOld(transaction, attempt.nowMs);
      }
      return told;
    });
    return orUnavailable('IdempotencyStore', 'begin', work);
  }

  extend(scope: IdempotencyScope, token: string, heldUntilMs: EpochMs): ResultAsync<void, CallLost | PortUnavailable> {
    return this.#change('extend', scope, (before) => extendedCall(before, token, heldUntilMs)).andThen(orLost);
  }

  answer(
    scope: IdempotencyScope,
    token: string,
    answered: { readonly fingerprint: string; readonly reply: KeptReply },
  ): ResultAsync<void, CallLost | PortUnavailable> {
    const given = structuredClone(answered);
    return this.#change('answer', scope, (before) => answeredCall(before, token, given)).andThen(orLost);
  }

  release(scope: IdempotencyScope, token: string): ResultAsync<void, PortUnavailable> {
    return this.#change('release', scope, (before) => releasedCall(before, token)).map(() => undefined);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Call) => eraseOwnerRows(transaction, owner, ['keyed_call']);
    return orUnavailable('IdempotencyStore', 'eraseOwner', this.#database.write(work));
  }

  /** Whether there was something to change. */
  #change(
    operation: string,
    scope: IdempotencyScope,
    changed: (before: KnownCall | null) => KnownCall | null,
  ): ResultAsync<boolean, PortUnavailable> {
    const work = this.#database.write(async (transaction) => {
      const after = changed(await find(transaction, scope));
      if (after !== null) await keep(transaction, scope, after);
      return after !== null;
    });
    return orUnavailable('IdempotencyStore', operation, work);
  }
}

const orLost = (held: boolean): ResultAsync<void, CallLost> =>
  held ? okAsync(undefined) : errAsync({ kind: 'call-lost' });

async function find(database: Call, { owner, operation, key }: IdempotencyScope): Promise<KnownCall | null> {
  const row = await database
    .selectFrom('keyed_call')
    .selectAll()
    .where('owner', '=', owner)
    .where('operation', '=', operation)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : callOf(row);
}

async function keep(database: Call, { owner, operation, key }: IdempotencyScope, call: KnownCall): Promise<void> {
  const state = {
    first_begun_at_ms: call.firstBegunAtMs,
    forget_at_ms: call.forgetAtMs,
    fingerprint: call.fingerprint,
    token: call.token,
    held_until_ms: call.heldUntilMs,
    reply: call.reply === null ? null : await deflate(Buffer.from(JSON.stringify(call.reply))),
  };
  await database
    .insertInto('keyed_call')
    .values({ owner, operation, key, ...state })
    .onConflict((conflict) => conflict.columns(['owner', 'operation', 'key']).doUpdateSet(state))
    .execute();
}

/** Of whatever owner: somebody who never comes again is forgotten too. */
async function forgetOld(database: Call, nowMs: EpochMs): Promise<void> {
  await database
    .deleteFrom('keyed_call')
    .where((eb) =>
      eb(
        eb.refTuple('owner', 'operation', 'key'),
        'in',
        eb
          .selectFrom('keyed_call')
          .select(['owner', 'operation', 'key'])
          .where('forget_at_ms', '<=', nowMs)
          .orderBy('forget_at_ms')
          .limit(FORGOTTEN_A_BEGIN)
          .$asTuple('owner', 'operation', 'key'),
      ),
    )
    .execute();
}

const callOf = async (row: KeyedCallRow): Promise<KnownCall> => ({
  firstBegunAtMs: row.first_begun_at_ms,
  forgetAtMs: row.forget_at_ms,
  fingerprint: row.fingerprint,
  token: row.token,
  heldUntilMs: row.held_until_ms,
  reply: row.reply === null ? null : (JSON.parse((await inflate(row.reply)).toString()) as KeptReply),
});
