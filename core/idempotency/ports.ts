import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';

/** What a client names with an idempotency key: one call of one operation by one person. */
export interface IdempotencyScope {
  readonly owner: UserId;
  /** The operation's id in the contract, such as `uploadHealthData`. */
  readonly operation: string;
  /** As the client sent it, 1 to 255 characters. */
  readonly key: string;
}

/** The first answer of a call, as it went over the wire. */
export interface KeptReply {
  readonly status: number;
  readonly mediaType: string;
  /** Those that belong to the answer itself, such as Location. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One attempt at a call. */
export interface CallAttempt {
  /** The SHA-256 of what was asked; null where it is known only when the body has been read: that fits every other. */
  readonly fingerprint: string | null;
  /** Names the attempt; the proof of holding the call. */
  readonly token: string;
  readonly nowMs: EpochMs;
  readonly heldUntilMs: EpochMs;
  /** From this instant on the call is as if it had never been. */
  readonly forgetAtMs: EpochMs;
}

/** What is known of a call when it is begun. */
export type BegunCall =
  /** The caller is to do the work. `firstBegunAtMs` is that of the first attempt, also where this is a later one. */
  | { readonly kind: 'begun'; readonly firstBegunAtMs: EpochMs }
  /** It was answered; `fingerprint` is that of the request that was. */
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly reply: KeptReply }
  /** Somebody works on it, and holds it until `heldUntilMs` unless they say more. */
  | { readonly kind: 'held'; readonly fingerprint: string | null; readonly heldUntilMs: EpochMs }
  /** An attempt that was given up or died asked for something else. */
  | { readonly kind: 'other-request' };

/** Whoever asks does not hold the call any more. */
export interface CallLost {
  readonly kind: 'call-lost';
}

/**
 * Remembers calls with a key, so that a call sent twice is done once. Every step is atomic over all processes. What is
 * kept of a call whose time is over goes by itself: later calls take it along, or the technology removes it.
 */
export interface IdempotencyStore extends ErasesOwner {
  /**
   * Takes the call, held until `heldUntilMs`, when nobody has it: it is new, its time is over (`forgetAtMs` has passed),
   * its hold has run out, or it was released. Of any number who begin it at a time, one does. Begun again with the same
   * token it is begun once more, so a lost answer does no harm.
   */
  begin(scope: IdempotencyScope, attempt: CallAttempt): ResultAsync<BegunCall, PortUnavailable>;
  /** Holds the call longer; also after the hold has run out, as long as nobody else has begun it. */
  extend(scope: IdempotencyScope, token: string, heldUntilMs: EpochMs): ResultAsync<void, CallLost | PortUnavailable>;
  /** Keeps the answer of whoever holds the call; the same again is fine. */
  answer(
    scope: IdempotencyScope,
    token: string,
    answered: { readonly fingerprint: string; readonly reply: KeptReply },
  ): ResultAsync<void, CallLost | PortUnavailable>;
  /**
   * Lets the next attempt begin at once; it gets the first instant, and has to ask for the same. Nothing happens where
   * another holds the call or it was answered.
   */
  release(scope: IdempotencyScope, token: string): ResultAsync<void, PortUnavailable>;
}
