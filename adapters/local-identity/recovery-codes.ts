import { createHash } from 'node:crypto';
import { toBase32 } from '../../core/auth/base32.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { plainCode } from './code-secrets.ts';

export const RECOVERY_CODES = 10;
/** 80 random bits: nobody guesses them, and a hash of them needs to be no slow one. */
export const RECOVERY_CODE_OCTETS = 10;
const LETTERS = 16;

/** As its owner writes it down, such as `ABCD-EFGH-IJKL-MNOP`. */
export const recoveryCodeOf = (octets: Uint8Array): string => (toBase32(octets).match(/.{1,4}/g) ?? []).join('-');

/** Whether the text may be a recovery code, in whatever case and grouping it was copied. */
export const isLikeRecoveryCode = (text: string): boolean => plainCode(text).length === LETTERS;

/** What is kept of a recovery code: SHA-256, hexadecimal. */
export const hashOfRecoveryCode = (user: UserId, code: string): string =>
  createHash('sha256')
    .update(`recovery ${user} ${plainCode(code)}`)
    .digest('hex');
