import { scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * A hash that was made by scrypt (RFC 7914), as all were before Argon2id. None is made any more; those that are stored are
 * read until their owner's next login.
 */
export interface ScryptHash {
  readonly algorithm: 'scrypt';
  /** Base-2 logarithm of N; the memory is 128 * N * r octets. */
  readonly log2N: number;
  /** r */
  readonly blockSize: number;
  /** p */
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const deriveKey = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** What the password hashes to with the salt and at the cost of the stored hash, computed on libuv's threads. */
export function deriveScrypt(password: Uint8Array, stored: ScryptHash): Promise<Uint8Array> {
  const { log2N, blockSize, parallelization, salt, hash } = stored;
  const N = 2 ** log2N;
  // OpenSSL counts its working memory against `maxmem`, whose default is too low for the usual cost.
  const maxmem = 128 * blockSize * (N + parallelization + 2);
  return deriveKey(password, salt, hash.length, { N, r: blockSize, p: parallelization, maxmem });
}

const PHC =
  /^\$scrypt\$ln=(?<ln>\d{1,2}),r=(?<r>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{2,64})\$(?<hash>[A-Za-z0-9+/]{22,86})$/;

/** Reads `$scrypt$ln=15,r=8,p=3$salt$hash`; null where it is no such string, or one that costs more than is affordable. */
export function parseScrypt(phc: string): ScryptHash | null {
  const { ln, r, p, salt, hash } = PHC.exec(phc)?.groups ?? {};
  if (salt === undefined || hash === undefined) return null;
  const cost = { log2N: Number(ln), blockSize: Number(r), parallelization: Number(p) };
  if (!isAffordable(cost)) return null;
  return { algorithm: 'scrypt', ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** Bounds what a damaged or planted hash can make this process compute: at most 512 MiB, 16 times. */
function isAffordable(cost: Pick<ScryptHash, 'log2N' | 'blockSize' | 'parallelization'>): boolean {
  return isWithin(cost.log2N, 1, 17) && isWithin(cost.blockSize, 1, 32) && isWithin(cost.parallelization, 1, 16);
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
