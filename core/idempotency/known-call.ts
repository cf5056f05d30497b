import type { EpochMs } from '../kernel/clock.ts';
import type { BegunCall, CallAttempt, KeptReply } from './ports.ts';

/** What a store keeps of a call. */
export interface KnownCall {
  readonly firstBegunAtMs: EpochMs;
  readonly forgetAtMs: EpochMs;
  /** Of the request that was answered or is worked on; null while nobody has told. */
  readonly fingerprint: string | null;
  /** The attempt that holds the call, or has answered it; null where it was released. */
  readonly token: string | null;
  readonly heldUntilMs: EpochMs;
  /** Null until it is answered. */
  readonly reply: KeptReply | null;
}

/** What an attempt is told, and what is kept of the call from then on; null where that does not change. */
export interface CallStep {
  readonly told: BegunCall;
  readonly after: KnownCall | null;
}

/** What `IdempotencyStore.begin` does to what is known of a call (null: nothing). */
export function begunCall(before: KnownCall | null, attempt: CallAttempt): CallStep {
  const { fingerprint, token, nowMs, heldUntilMs, forgetAtMs } = attempt;
  if (before === null || before.forgetAtMs <= nowMs) {
    const after = { firstBegunAtMs: nowMs, forgetAtMs, fingerprint, token, heldUntilMs, reply: null };
    return { told: { kind: 'begun', firstBegunAtMs: nowMs }, after };
  }
  const { firstBegunAtMs, reply } = before;
  if (reply !== null) {
    // Only an answer with a fingerprint is kept.
    return { told: { kind: 'answered', fingerprint: before.fingerprint ?? '', reply }, after: null };
  }
  if (before.token !== null && before.token !== token && before.heldUntilMs > nowMs) {
    return { told: { kind: 'held', fingerprint: before.fingerprint, heldUntilMs: before.heldUntilMs }, after: null };
  }
  if (fingerprint !== null && before.fingerprint !== null && fingerprint !== before.fingerprint) {
    return { told: { kind: 'other-request' }, after: null };
  }
  return {
    told: { kind: 'begun', firstBegunAtMs },
    after: {
      firstBegunAtMs,
      forgetAtMs,
      fingerprint: fingerprint ?? before.fingerprint,
      token,
      heldUntilMs,
      reply: null,
    },
  };
}

/** The call, held longer; null where the attempt does not hold it. */
export const extendedCall = (before: KnownCall | null, token: string, heldUntilMs: EpochMs): KnownCall | null =>
  isHeldBy(before, token) ? { ...before, heldUntilMs } : null;

/** The call, answered; null where the attempt does not hold it and was not the one that answered it. */
export function answeredCall(
  before: KnownCall | null,
  token: string,
  { fingerprint, reply }: { readonly fingerprint: string; readonly reply: KeptReply },
): KnownCall | null {
  if (before?.token !== token) return null;
  return before.reply === null ? { ...before, fingerprint, reply } : before;
}

/** The call, for the next attempt to begin; null where the attempt does not hold it. */
export const releasedCall = (before: KnownCall | null, token: string): KnownCall | null =>
  isHeldBy(before, token) ? { ...before, token: null } : null;

const isHeldBy = (call: KnownCall | null, token: string): call is KnownCall =>
  call !== null && call.token === token && call.reply === null;
