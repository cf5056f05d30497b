import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate as deflateCallback, inflate as inflateCallback } from 'node:zlib';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import {
  answeredCall,
  begunCall,
  extendedCall,
  releasedCall,
  type KnownCall,
} from '../../../core/idempotency/known-call.ts';
import type {
  BegunCall,
  CallAttempt,
  CallLost,
  IdempotencyScope,
  IdempotencyStore,
  KeptReply,
} from '../../../core/idempotency/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { Contended, untilUncontended } from './contended.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { keyText, ownerKey } from './key-text.ts';
import { type Blob, VersionedBlobs } from './versioned-blobs.ts';

const deflate = promisify<Uint8Array, Buffer>(deflateCallback);
const inflate = promisify<Uint8Array, Buffer>(inflateCallback);

const PREFIX = 'IDEMPOTENCY#';

interface FoundCall {
  readonly call: KnownCall | null;
  /** What a write has to replace. */
  readonly blob: Blob | null;
}

/**
 * Calls with a key in the single table: a blob a call, `IDEMPOTENCY#<operation>#<SHA-256 of the key>` in the partition
 * of its owner, with the reply deflated as its content. `ttl` lets DynamoDB remove it when its time is over; that
 * happens late, so the time is looked at as well.
 */
export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #table: DynamoTable;
  readonly #blobs: VersionedBlobs;

  /** `mostBytesAnItem` is for tests, which would else have to keep long replies to see one in parts. */
  constructor(table: DynamoTable, mostBytesAnItem?: number) {
    this.#table = table;
    this.#blobs = new VersionedBlobs(table, mostBytesAnItem);
  }

  begin(scope: IdempotencyScope, attempt: CallAttempt): ResultAsync<BegunCall, PortUnavailable> {
    const key = keyOf(scope);
    const work = untilUncontended(this.#table, key.sk, async (): Promise<BegunCall | null> => {
      const { call, blob } = await this.#find(key).catch(async (cause: unknown) => {
        if (cause instanceof Contended && (await this.#removeTorn(key, attempt.nowMs))) return NOTHING;
        throw cause;
      });
      const { told, after } = begunCall(call, attempt);
      return after === null || (await this.#keep(scope, after, blob)) ? told : null;
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
    return orUnavailable('IdempotencyStore', 'eraseOwner', erasePrefixes(this.#table, ownerKey(owner), [PREFIX]));
  }

  /** Whether there was something to change. */
  #change(
    operation: string,
    scope: IdempotencyScope,
    changed: (before: KnownCall | null) => KnownCall | null,
  ): ResultAsync<boolean, PortUnavailable> {
    const key = keyOf(scope);
    const work = untilUncontended(this.#table, key.sk, async (): Promise<boolean | null> => {
      const { call, blob } = await this.#find(key);
      const after = changed(call);
      if (after === null || after === call) return after !== null;
      return (await this.#keep(scope, after, blob)) || null;
    });
    return orUnavailable('IdempotencyStore', operation, work);
  }

  async #find(key: ItemKey): Promise<FoundCall> {
    const blob = await this.#blobs.read(key);
    return blob === null ? NOTHING : { blob, call: await callOf(blob) };
  }

  /** False when somebody else changed the call meanwhile. */
  async #keep(scope: IdempotencyScope, call: KnownCall, before: Blob | null): Promise<boolean> {
    const content = await deflate(Buffer.from(JSON.stringify(call.reply)));
    const facts = {
      kind: 'call',
      user_id: scope.owner,
      operation: scope.operation,
      first_begun_at_ms: call.firstBegunAtMs,
      forget_at_ms: call.forgetAtMs,
      fingerprint: call.fingerprint,
      held_by: call.token,
      held_until_ms: call.heldUntilMs,
      ttl: Math.ceil(call.forgetAtMs / 1000),
    };
    return this.#blobs.write(keyOf(scope), content, facts, before);
  }

  /**
   * DynamoDB removes a reply in parts item by item. What is left of one whose time is over is removed here, so that the
   * key can be used again. Answers whether it was that.
   */
  async #removeTorn(key: ItemKey, nowMs: EpochMs): Promise<boolean> {
    const item = await this.#table.get(key);
    if (item === null || !(Number(item['forget_at_ms']) <= nowMs)) return false;
    const isStill = { text: '#token = :token', names: { '#token': 'token' }, values: { ':token': item['token'] } };
    if (!(await this.#table.delete(key, isStill))) return false;
    await this.#blobs.sweep(key);
    return true;
  }
}

const NOTHING: FoundCall = { call: null, blob: null };

const orLost = (held: boolean): ResultAsync<void, CallLost> =>
  held ? okAsync(undefined) : errAsync({ kind: 'call-lost' });

/** Of a key only the hash: it may have any characters, and no key is the beginning of another one. */
const keyOf = ({ owner, operation, key }: IdempotencyScope): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${PREFIX}${keyText(operation)}#${createHash('sha256').update(JSON.stringify(key)).digest('hex')}`,
});

const callOf = async ({ bytes, facts }: Blob): Promise<KnownCall> => ({
  firstBegunAtMs: Number(facts['first_begun_at_ms']),
  forgetAtMs: Number(facts['forget_at_ms']),
  fingerprint: textOf(facts['fingerprint']),
  token: textOf(facts['held_by']),
  heldUntilMs: Number(facts['held_until_ms']),
  reply: JSON.parse((await inflate(bytes)).toString()) as KeptReply | null,
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
