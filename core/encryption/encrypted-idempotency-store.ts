import { okAsync, type ResultAsync } from 'neverthrow';
import type {
  BegunCall,
  CallAttempt,
  CallLost,
  IdempotencyScope,
  IdempotencyStore,
  KeptReply,
} from '../idempotency/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { SealedPlace } from './model.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

/** What of a reply can hold anything of a person's. */
type Content = Pick<KeptReply, 'headers' | 'body'>;

/**
 * Calls with a key, kept by a keyed hash of the key that the client has chosen, and their replies encrypted: a reply may be a
 * person's data.
 */
export class EncryptedIdempotencyStore implements IdempotencyStore {
  readonly #store: IdempotencyStore;
  readonly #encryption: Encryption;
  readonly #fields: SealedFields;

  constructor(store: IdempotencyStore, encryption: Encryption) {
    this.#store = store;
    this.#encryption = encryption;
    this.#fields = new SealedFields('IdempotencyStore', encryption);
  }

  begin(scope: IdempotencyScope, attempt: CallAttempt): ResultAsync<BegunCall, PortUnavailable> {
    return this.#kept(scope).andThen((kept) =>
      this.#store
        .begin(kept, attempt)
        .andThen((begun) =>
          begun.kind === 'answered'
            ? this.#opened(kept, begun.reply).map((reply): BegunCall => ({ ...begun, reply }))
            : okAsync<BegunCall, PortUnavailable>(begun),
        ),
    );
  }

  extend(scope: IdempotencyScope, token: string, heldUntilMs: number): ResultAsync<void, CallLost | PortUnavailable> {
    return this.#kept(scope).andThen((kept) => this.#store.extend(kept, token, heldUntilMs));
  }

  answer(
    scope: IdempotencyScope,
    token: string,
    { fingerprint, reply }: { readonly fingerprint: string; readonly reply: KeptReply },
  ): ResultAsync<void, CallLost | PortUnavailable> {
    return this.#kept(scope).andThen((kept) =>
      this.#fields.sealer(kept.owner).andThen((seal) => {
        const { purpose, record } = placeOf(kept);
        const content: Content = { headers: reply.headers, body: reply.body };
        const sealed = { ...reply, headers: {}, body: seal(purpose, record, JSON.stringify(content)) };
        return this.#store.answer(kept, token, { fingerprint, reply: sealed });
      }),
    );
  }

  release(scope: IdempotencyScope, token: string): ResultAsync<void, PortUnavailable> {
    return this.#kept(scope).andThen((kept) => this.#store.release(kept, token));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  /** The scope as it is kept. */
  #kept(scope: IdempotencyScope): ResultAsync<IdempotencyScope, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys
      .ofOwner(scope.owner)
      .map((key) => ({ ...scope, key: cipher.blindIndex(key, 'idempotency-key', scope.key) }));
  }

  #opened(kept: IdempotencyScope, reply: KeptReply): ResultAsync<KeptReply, PortUnavailable> {
    return this.#fields
      .openIfSealed(placeOf(kept), reply.body, 'begin')
      .map((text) => (text === null ? reply : { ...reply, ...(JSON.parse(text) as Content) }));
  }
}

const placeOf = ({ owner, operation, key }: IdempotencyScope): SealedPlace => ({
  owner,
  purpose: 'idempotency.reply',
  record: `${operation}/${key}`,
});
