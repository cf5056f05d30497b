import { okAsync } from 'neverthrow';
import { MemoryConsentStore } from '../../../adapters/memory/consent-store.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import type { Reader } from '../../../core/consent/may-read.ts';
import { consentId, type Consent } from '../../../core/consent/model.ts';
import type { OwnerEventDraft } from '../../../core/events/model.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { SettableClock } from '../memory-world.ts';

export const ADA = userId('ada');
export const DOC = userId('doc');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const reader = (user: UserId, ...roles: readonly Role[]): Reader => ({ userId: user, roles });
export const CLINICIAN = reader(DOC, 'patient', 'clinician');

/** What a test about sharing works on; ids count up, and what people are told is kept. */
export function sharing() {
  let count = 0;
  const told: { readonly owner: UserId; readonly event: OwnerEventDraft }[] = [];
  return {
    consents: new MemoryConsentStore(),
    clock: new SettableClock(),
    ids: { uuid: () => `id ${String(++count)}` },
    told,
    tell: (owner: UserId, event: OwnerEventDraft) => {
      told.push({ owner, event });
      return okAsync(undefined);
    },
  };
}

/** A consent of Ada for the clinician, in force from `nowMs` on for a day. */
export const consentAt = (nowMs: number, changes: Partial<Consent> = {}): Consent => ({
  patient: ADA,
  consentId: consentId('c'),
  grantee: DOC,
  purpose: 'care',
  dataTypes: ['heart_rate'],
  createdAtMs: nowMs,
  endsAtMs: nowMs + DAY,
  revokedAtMs: null,
  ...changes,
});
