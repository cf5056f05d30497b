import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { EmailedCode } from '../../core/auth/mail-ports.ts';

/** Decimal digits of a code: short enough to be copied by hand, for it can be tried five times only. */
export const CODE_DIGITS = 6;

const SALT_OCTETS = 16;

/** Where codes and their salts come from. */
export interface CodeSecrets {
  /** Six decimal digits, any as likely as any other. */
  digits(): string;
  /** 128 random bits, hexadecimal. */
  salt(): string;
  /** So many random octets. */
  octets(count: number): Uint8Array;
}

/** The platform's cryptographic generator. */
export const platformSecrets: CodeSecrets = {
  digits: () => String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0'),
  salt: () => randomBytes(SALT_OCTETS).toString('hex'),
  octets: (count) => randomBytes(count),
};

/** What is kept of a code, so that the digits can be recognised: SHA-256, hexadecimal. */
export const hashOfCode = ({ user, purpose, salt }: Omit<EmailedCode, 'hash'>, digits: string): string =>
  createHash('sha256').update(`${salt} ${purpose} ${user} ${digits}`).digest('hex');

/** Whether these are the code's digits, found out in constant time. */
export const isCode = (code: EmailedCode, digits: string): boolean =>
  timingSafeEqual(Buffer.from(hashOfCode(code, digits), 'hex'), Buffer.from(code.hash, 'hex'));
