import type { EpochMs } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { compareCodePoints } from '../kernel/text-order.ts';
import type { SeriesTypeName } from '../series/series-types.ts';

declare const consentBrand: unique symbol;
/** The id of one consent. */
export type ConsentId = string & { readonly [consentBrand]: true };
export const consentId = (text: string): ConsentId => text as ConsentId;

/** What is shared beside series: what was computed of them, and what was said about that. */
export const SHARED_RESULTS = ['analyses', 'insights'] as const;
export type SharedResult = (typeof SHARED_RESULTS)[number];
export type ConsentedType = SeriesTypeName | SharedResult;

/** Whether it is a series; results are texts and dates about one person, which nothing takes the person out of. */
export const isSeries = (type: ConsentedType): type is SeriesTypeName =>
  !SHARED_RESULTS.some((result) => result === type);

/** `care` shows who the patient is; `research` never does. */
export const CONSENT_PURPOSES = ['care', 'research'] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];

/** A patient lets somebody read some of their data, for a time. */
export interface Consent {
  readonly patient: UserId;
  readonly consentId: ConsentId;
  readonly grantee: UserId;
  readonly purpose: ConsentPurpose;
  /** At least one, each once. */
  readonly dataTypes: readonly ConsentedType[];
  readonly createdAtMs: EpochMs;
  /** From then on nothing may be read. */
  readonly endsAtMs: EpochMs;
  /** When the patient took it back; null while they have not. */
  readonly revokedAtMs: EpochMs | null;
}

/** Whether something may be read under the consent at this time. */
export const isInForce = ({ createdAtMs, endsAtMs, revokedAtMs }: Consent, nowMs: EpochMs): boolean =>
  createdAtMs <= nowMs && nowMs < endsAtMs && revokedAtMs === null;

/** The order in which consents are listed. */
export const newestFirst = (a: Consent, b: Consent): number =>
  b.createdAtMs - a.createdAtMs ||
  compareCodePoints(a.consentId, b.consentId) ||
  compareCodePoints(a.patient, b.patient);

/** So many consents of a patient may be in force at a time. */
export const MOST_CONSENTS_IN_FORCE = 100;

/** No consent is for longer: who still agrees can say so again. */
export const LONGEST_CONSENT_MS = 366 * 86_400_000;

/** A clinician opened a patient's data in an emergency, without being asked. */
export interface EmergencyAccess {
  readonly patient: UserId;
  readonly accessId: string;
  /** Null once their account is gone: that somebody looked stays the patient's to know, who it was names nobody any more. */
  readonly clinician: UserId | null;
  /** In the clinician's words, for the patient and for whoever looks into it later. */
  readonly reason: string;
  readonly openedAtMs: EpochMs;
  readonly endsAtMs: EpochMs;
}

/** Whether the data may be read because of the emergency at this time. */
export const isOpen = ({ openedAtMs, endsAtMs }: EmergencyAccess, nowMs: EpochMs): boolean =>
  openedAtMs <= nowMs && nowMs < endsAtMs;

/** An emergency lasts no longer; who needs more opens the data again, with a reason again. */
export const LONGEST_EMERGENCY_MS = 4 * 3_600_000;
/** A reason is at least a few words. */
export const SHORTEST_REASON = 20;
export const LONGEST_REASON = 500;
