/** How much work one hash is (RFC 9106 section 3.1). */
export interface Argon2Cost {
  /** m, in KiB: at least 8 a lane. */
  readonly memoryKiB: number;
  /** t: how often the memory is gone over. */
  readonly passes: number;
  /** p: parts of the memory that could be computed side by side. */
  readonly lanes: number;
}

/**
 * The equally strong setting of OWASP's Password Storage Cheat Sheet that takes 19 MiB and one processor a hash, so that
 * a small machine can afford several at a time.
 */
export const DEFAULT_ARGON2_COST: Argon2Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

/** What one computation needs. */
export interface Argon2Task {
  /** Not empty: not every engine takes that. */
  readonly password: Uint8Array;
  /** At least 8 octets. */
  readonly salt: Uint8Array;
  /** The length of the answer. */
  readonly octets: number;
  readonly cost: Argon2Cost;
}

/** Computes Argon2id of version 0x13 on another thread than the one that asks; rejects where it cannot. */
export type Argon2Engine = (task: Argon2Task) => Promise<Uint8Array>;

/** A hash with all that is needed to compute it again. */
export interface Argon2Hash {
  readonly algorithm: 'argon2id';
  readonly cost: Argon2Cost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Bounds what a damaged or planted hash can make this process compute: 256 MiB, gone over 10 times. */
export function isAffordable({ memoryKiB, passes, lanes }: Argon2Cost): boolean {
  return (
    isIntegerWithin(lanes, 1, 16) && isIntegerWithin(passes, 1, 10) && isIntegerWithin(memoryKiB, 8 * lanes, 262_144)
  );
}

export function isSameCost(a: Argon2Cost, b: Argon2Cost): boolean {
  return a.memoryKiB === b.memoryKiB && a.passes === b.passes && a.lanes === b.lanes;
}

/** The hash as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export function formatArgon2({ cost, salt, hash }: Argon2Hash): string {
  const parameters = `m=${String(cost.memoryKiB)},t=${String(cost.passes)},p=${String(cost.lanes)}`;
  return `$argon2id$v=19$${parameters}$${toBase64(salt)}$${toBase64(hash)}`;
}

const PHC =
  /^\$argon2id\$v=19\$m=(?<m>\d{1,6}),t=(?<t>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{11,64})\$(?<hash>[A-Za-z0-9+/]{22,86})$/;

/** Null where it is no such string, or one that costs more than is affordable. */
export function parseArgon2(phc: string): Argon2Hash | null {
  const { m, t, p, salt, hash } = PHC.exec(phc)?.groups ?? {};
  if (salt === undefined || hash === undefined) return null;
  const cost = { memoryKiB: Number(m), passes: Number(t), lanes: Number(p) };
  if (!isAffordable(cost)) return null;
  return { algorithm: 'argon2id', cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function isIntegerWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** PHC strings use base64 without padding. */
function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64').replace(/=+$/, '');
}
