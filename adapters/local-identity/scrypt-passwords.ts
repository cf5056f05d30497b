import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { errAsync, ResultAsync } from 'neverthrow';
import { normalizePassword } from '../../core/auth/model.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { WorkQueue } from './work-queue.ts';

/** How much work one hash is (RFC 7914 section 2). Memory: 128 * 2^log2N * blockSize octets. */
export interface ScryptCost {
  /** Base-2 logarithm of N. */
  readonly log2N: number;
  /** r */
  readonly blockSize: number;
  /** p */
  readonly parallelization: number;
}

/**
 * One of the equally strong settings of OWASP's Password Storage Cheat Sheet; the one that takes 32 MiB a hash, so that
 * a small machine can afford several at a time.
 */
export const DEFAULT_SCRYPT_COST: ScryptCost = { log2N: 15, blockSize: 8, parallelization: 3 };

export interface ScryptPasswordsOptions {
  readonly cost?: ScryptCost;
  /**
   * Hashes computed at the same time, 2 unless told. Each holds a thread of libuv's pool, which has 4 unless
   * UV_THREADPOOL_SIZE says otherwise and also serves files, name lookups and token signatures: leave some free.
   */
  readonly concurrent?: number;
  /** Hashes kept waiting for their turn, 50 unless told; further ones are `port-unavailable`, to be tried again later. */
  readonly maxWaiting?: number;
}

const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
const DEFAULT_CONCURRENT = 2;
/** At 220 ms a hash on two free cores the last in the queue waits some 6 s, on a loaded machine several times that. */
const DEFAULT_MAX_WAITING = 50;

interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const deriveKey = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** Password hashes by scrypt, written as PHC strings that carry their own cost: `$scrypt$ln=15,r=8,p=3$salt$hash`. */
export class ScryptPasswords {
  readonly #cost: ScryptCost;
  readonly #queue: WorkQueue;
  /** What a password is compared with when there is no account: nothing hashes to it. */
  readonly #nobody: StoredHash;

  constructor(options: ScryptPasswordsOptions = {}) {
    this.#cost = options.cost ?? DEFAULT_SCRYPT_COST;
    if (!isAffordable(this.#cost)) throw new RangeError('scrypt cost out of range');
    this.#queue = new WorkQueue({
      concurrent: options.concurrent ?? DEFAULT_CONCURRENT,
      maxWaiting: options.maxWaiting ?? DEFAULT_MAX_WAITING,
    });
    this.#nobody = { cost: this.#cost, salt: randomBytes(SALT_OCTETS), hash: randomBytes(HASH_OCTETS) };
  }

  /** The password's PHC string, with a fresh salt and the current cost. */
  hash(password: string): ResultAsync<string, PortUnavailable> {
    const salt = randomBytes(SALT_OCTETS);
    return this.#derive(password, salt, HASH_OCTETS, this.#cost).map((hash) =>
      formatPhc({ cost: this.#cost, salt, hash }),
    );
  }

  /**
   * Whether the password is the one that was hashed, compared in constant time. With null, for an account that does
   * not exist, it does the same work and answers false. A hash that cannot be read is `port-unavailable`.
   */
  matches(password: string, phc: string | null): ResultAsync<boolean, PortUnavailable> {
    const stored = phc === null ? this.#nobody : parsePhc(phc);
    if (stored === null) {
      // Not `false`: nobody could ever tell a damaged record from a forgotten password.
      return errAsync(portUnavailable('AccountStore', 'check a password', 'the stored hash cannot be read', false));
    }
    return this.#derive(password, stored.salt, stored.hash.length, stored.cost).map(
      (hash) => timingSafeEqual(hash, stored.hash) && phc !== null,
    );
  }

  /** Whether the hash was made at another cost than the current one, and should be made anew at the next chance. */
  isOutdated(phc: string): boolean {
    const stored = parsePhc(phc);
    return stored === null || !isSameCost(stored.cost, this.#cost);
  }

  #derive(
    password: string,
    salt: Uint8Array,
    octets: number,
    cost: ScryptCost,
  ): ResultAsync<Uint8Array, PortUnavailable> {
    return this.#queue
      .run(() =>
        ResultAsync.fromPromise(deriveKey(normalizePassword(password), salt, octets, scryptOptions(cost)), (cause) =>
          portUnavailable('IdentityProvider', 'hash a password', cause),
        ),
      )
      .mapErr((error) =>
        error.kind === 'queue-full'
          ? portUnavailable('IdentityProvider', 'hash a password', 'too many passwords are being checked at once')
          : error,
      );
  }
}

function scryptOptions({ log2N, blockSize, parallelization }: ScryptCost): ScryptOptions {
  const N = 2 ** log2N;
  // OpenSSL counts its working memory against `maxmem`, whose default is too low for the default cost.
  const maxmem = 128 * blockSize * (N + parallelization + 2);
  return { N, r: blockSize, p: parallelization, maxmem };
}

/** Bounds what a damaged or planted hash can make this process compute: at most 512 MiB, 16 times. */
function isAffordable({ log2N, blockSize, parallelization }: ScryptCost): boolean {
  return isIntegerWithin(log2N, 1, 17) && isIntegerWithin(blockSize, 1, 32) && isIntegerWithin(parallelization, 1, 16);
}

function isIntegerWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isSameCost(a: ScryptCost, b: ScryptCost): boolean {
  return a.log2N === b.log2N && a.blockSize === b.blockSize && a.parallelization === b.parallelization;
}

function formatPhc({ cost, salt, hash }: StoredHash): string {
  const parameters = `ln=${cost.log2N},r=${cost.blockSize},p=${cost.parallelization}`;
  return `$scrypt$${parameters}$${toBase64(salt)}$${toBase64(hash)}`;
}

const PHC =
  /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{2,64})\$(?<hash>[A-Za-z0-9+/]{22,86})$/;

function parsePhc(phc: string): StoredHash | null {
  const { ln, r, p, salt, hash } = PHC.exec(phc)?.groups ?? {};
  if (salt === undefined || hash === undefined) return null;
  const cost = { log2N: Number(ln), blockSize: Number(r), parallelization: Number(p) };
  if (!isAffordable(cost)) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** PHC strings use base64 without padding. */
function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64').replace(/=+$/, '');
}
