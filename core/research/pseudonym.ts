import type { UserId } from '../kernel/ids.ts';
import { MS_PER_DAY } from '../kernel/local-time.ts';

declare const brand: unique symbol;
/** What a researcher knows a participant by: 22 characters of base64url. Another researcher knows them by another one. */
export type Pseudonym = string & { readonly [brand]: 'Pseudonym' };

/** What the pseudonym is the MAC of; the researcher is part of it, so that two of them cannot join their participants. */
export const pseudonymText = (researcher: UserId, patient: UserId): string =>
  JSON.stringify(['pseudonym', researcher, patient]);

/** What the shift of dates is made of. */
export const dateShiftText = (researcher: UserId, patient: UserId): string =>
  JSON.stringify(['date-shift', researcher, patient]);

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const PSEUDONYM_LENGTH = 22;
const BITS = 6;

/** The first 132 bits of the MAC in base64url (RFC 4648): too many for two participants to share a name. */
export function pseudonymOf(mac: Uint8Array): Pseudonym {
  let text = '';
  for (let i = 0; i < PSEUDONYM_LENGTH; i++) {
    const bit = i * BITS;
    const [byte, next] = [mac[bit >> 3] ?? 0, mac[(bit >> 3) + 1] ?? 0];
    text += CHARACTERS.charAt((((byte << 8) | next) >> (16 - BITS - (bit & 7))) & 63);
  }
  return text as Pseudonym;
}

/** The farthest that dates are moved: half a year. */
const MOST_WEEKS = 26;

/**
 * By how much the dates of a participant are moved for a researcher: 1 to 26 whole weeks, back or forth. Whole weeks keep
 * the weekday, without which neither sleep nor activity can be understood: people sleep by it. A date is never the true
 * one. 52 possible shifts hide a date from whoever does not know what happened on it, and from nobody else. They do not
 * hide the dates of somebody who is still recording: whoever knows that a participant records daily can take the newest
 * reading's date for today and so learn the shift, so data are to be handed out under an agreement, or after recording has
 * ended.
 */
export function dateShiftMs(mac: Uint8Array): number {
  let number = 0;
  for (const byte of mac.subarray(0, 6)) number = number * 256 + byte;
  const place = number % (2 * MOST_WEEKS);
  return (place < MOST_WEEKS ? place - MOST_WEEKS : place - MOST_WEEKS + 1) * 7 * MS_PER_DAY;
}
