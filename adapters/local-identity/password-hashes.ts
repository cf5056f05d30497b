import { randomBytes, timingSafeEqual } from 'node:crypto';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { normalizePassword } from '../../core/auth/model.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { bestArgon2 } from './argon2-engines.ts';
import {
  DEFAULT_ARGON2_COST,
  formatArgon2,
  isAffordable,
  isSameCost,
  parseArgon2,
  type Argon2Cost,
  type Argon2Engine,
  type Argon2Hash,
} from './argon2.ts';
import { deriveScrypt, parseScrypt, type ScryptHash } from './scrypt.ts';
import { WorkQueue } from './work-queue.ts';

export interface PasswordHashesOptions {
  readonly cost?: Argon2Cost;
  /** The native library where it loads, and WebAssembly elsewhere, unless told. */
  readonly argon2?: Argon2Engine;
  /**
   * Hashes computed at the same time, 2 unless told. Each holds a thread of libuv's pool, which has 4 unless
   * UV_THREADPOOL_SIZE says otherwise and also serves files, name lookups and token signatures: leave some free.
   */
  readonly concurrent?: number;
  /** Hashes kept waiting for their turn, 100 unless told; further ones are `port-unavailable`, to be tried again later. */
  readonly maxWaiting?: number;
}

const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
const DEFAULT_CONCURRENT = 2;
/**
 * The last in the queue waits for 50 turns of two: 1.5 s at the 30 ms a hash that the native library takes on a busy
 * machine, 4 s at WebAssembly's 80 ms, 10 s where a busy machine makes that 200. A hash of scrypt takes 220 ms, once more
 * for each account that has one. All of it is less than the 15 s that a request is given: whoever is let in is answered.
 */
const DEFAULT_MAX_WAITING = 100;

/**
 * Password hashes by Argon2id, written as PHC strings that carry their own cost. Those that scrypt made before are still
 * matched, and outdated.
 */
export class PasswordHashes {
  readonly #cost: Argon2Cost;
  readonly #argon2: Argon2Engine;
  readonly #queue: WorkQueue;
  /** What a password is compared with when there is no account: nothing hashes to it. */
  readonly #nobody: Argon2Hash;

  constructor(options: PasswordHashesOptions = {}) {
    this.#cost = options.cost ?? DEFAULT_ARGON2_COST;
    if (!isAffordable(this.#cost)) throw new RangeError('argon2 cost out of range');
    this.#argon2 = options.argon2 ?? bestArgon2();
    this.#queue = new WorkQueue({
      concurrent: options.concurrent ?? DEFAULT_CONCURRENT,
      maxWaiting: options.maxWaiting ?? DEFAULT_MAX_WAITING,
    });
    this.#nobody = this.#freshHash(randomBytes(SALT_OCTETS), randomBytes(HASH_OCTETS));
  }

  /** The PHC string of a password that is not empty, with a fresh salt and the current cost. */
  hash(password: string): ResultAsync<string, PortUnavailable> {
    const salt = randomBytes(SALT_OCTETS);
    const task = { password: octetsOf(password), salt, octets: HASH_OCTETS, cost: this.#cost };
    return this.#inTurn(() => this.#argon2(task)).map((hash) => formatArgon2(this.#freshHash(salt, hash)));
  }

  /**
   * Whether the password is the one that was hashed, compared in constant time. With null, for an account that does
   * not exist, it does the work of a current hash and answers false. A hash that cannot be read is `port-unavailable`.
   */
  matches(password: string, phc: string | null): ResultAsync<boolean, PortUnavailable> {
    const stored = phc === null ? this.#nobody : (parseArgon2(phc) ?? parseScrypt(phc));
    if (stored === null) {
      // Not `false`: nobody could ever tell a damaged record from a forgotten password.
      return errAsync(portUnavailable('AccountStore', 'check a password', 'the stored hash cannot be read', false));
    }
    // Nobody has the empty password, so this says nothing about the account; the WebAssembly engine does not take it.
    if (password === '') return okAsync(false);
    return this.#inTurn(() => this.#hashAgain(octetsOf(password), stored)).map(
      (hash) => timingSafeEqual(hash, stored.hash) && phc !== null,
    );
  }

  /** Whether the hash was made at another cost than the current one or by scrypt, and should be made anew at the next chance. */
  isOutdated(phc: string): boolean {
    const stored = parseArgon2(phc);
    return stored === null || !isSameCost(stored.cost, this.#cost);
  }

  #freshHash(salt: Uint8Array, hash: Uint8Array): Argon2Hash {
    return { algorithm: 'argon2id', cost: this.#cost, salt, hash };
  }

  #hashAgain(password: Uint8Array, stored: Argon2Hash | ScryptHash): Promise<Uint8Array> {
    if (stored.algorithm === 'scrypt') return deriveScrypt(password, stored);
    const { salt, hash, cost } = stored;
    return this.#argon2({ password, salt, octets: hash.length, cost });
  }

  #inTurn(compute: () => Promise<Uint8Array>): ResultAsync<Uint8Array, PortUnavailable> {
    return this.#queue
      .run(() => ResultAsync.fromPromise(compute(), (cause) => unavailable(cause)))
      .mapErr((error) =>
        error.kind === 'queue-full' ? unavailable('too many passwords are being checked at once') : error,
      );
  }
}

const unavailable = (cause: unknown): PortUnavailable => portUnavailable('IdentityProvider', 'hash a password', cause);

function octetsOf(password: string): Uint8Array {
  return new TextEncoder().encode(normalizePassword(password));
}
