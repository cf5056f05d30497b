import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { toBase32 } from '../../core/auth/base32.ts';
import type { EmailedCode } from '../../core/auth/mail-ports.ts';

/** 40 random bits: eight letters and digits, which can be copied by hand and are not guessed in a thousand tries. */
const CODE_OCTETS = 5;

const SALT_OCTETS = 16;

/** Where codes and their salts come from. */
export interface CodeSecrets {
  /** Eight characters of base 32 in two groups, any as likely as any other: `K7QF-2MXA`. */
  code(): string;
  /** 128 random bits, hexadecimal. */
  salt(): string;
  /** So many random octets. */
  octets(count: number): Uint8Array;
}

/** The platform's cryptographic generator. */
export const platformSecrets: CodeSecrets = {
  code: () => toBase32(randomBytes(CODE_OCTETS)).replace(/^.{4}/, '$&-'),
  salt: () => randomBytes(SALT_OCTETS).toString('hex'),
  octets: (count) => randomBytes(count),
};

/** As it was made, in whatever case and grouping it was copied. */
export const plainCode = (code: string): string => code.replaceAll(/[\s-]/g, '').toUpperCase();

/** What is kept of a code, so that it can be recognised: SHA-256, hexadecimal. */
export const hashOfCode = ({ user, purpose, salt }: Omit<EmailedCode, 'hash'>, code: string): string =>
  createHash('sha256')
    .update(`${salt} ${purpose} ${user} ${plainCode(code)}`)
    .digest('hex');

/** Whether this is the code, found out in constant time. */
export const isCode = (code: EmailedCode, shown: string): boolean =>
  timingSafeEqual(Buffer.from(hashOfCode(code, shown), 'hex'), Buffer.from(code.hash, 'hex'));
