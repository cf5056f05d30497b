import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** What a code that is sent by mail is good for: confirming a new account's address, or a changed one, or a new password. */
export type CodePurpose = 'confirm' | 'change' | 'reset';

/** A code that was sent by mail. It itself is kept nowhere. */
export interface EmailedCode {
  readonly user: UserId;
  readonly purpose: CodePurpose;
  /** Where it was sent, as it was typed; of `change`, the address to change to. */
  readonly address: string;
  /** Hexadecimal, random, and so the name of this code too: no other one has it. */
  readonly salt: string;
  /** Hexadecimal, made of the salt and the code. */
  readonly hash: string;
  readonly expiresAtMs: EpochMs;
  readonly used: boolean;
}

/** How many mails of one purpose one account is sent. */
export interface MailPace {
  /** The least time from one to the next. */
  readonly pauseMs: number;
  /** In any stretch of time as long as this ... */
  readonly windowMs: number;
  /** ... there are at most so many. */
  readonly mostInWindow: number;
}

/** Whether a code took the place of the one before; if not, when one may again, and the one that still stands. */
export type IssuedCode =
  | { readonly kind: 'issued' }
  | { readonly kind: 'withheld'; readonly untilMs: EpochMs; readonly standing: EmailedCode };

/**
 * The codes that were sent, one for each account and purpose: the newest. Every method is one step, also where several
 * processes share the store.
 */
export interface EmailedCodes {
  /** Keeps the code in the place of the one before, unless that would be a mail too many. */
  issue(code: EmailedCode, nowMs: EpochMs, pace: MailPace): ResultAsync<IssuedCode, PortUnavailable>;
  /** Counts a try of the newest code and answers with it; null where there is none, or it was tried `mostTries` times. */
  countTry(user: UserId, purpose: CodePurpose, mostTries: number): ResultAsync<EmailedCode | null, PortUnavailable>;
  /** Uses the code up. True once; false where it was used, or is no longer the newest. */
  use(code: EmailedCode): ResultAsync<boolean, PortUnavailable>;
  /** Makes a used code good again, if it is still the newest, because what it was used for was not done. */
  release(code: EmailedCode): ResultAsync<void, PortUnavailable>;
  /** Removes all codes of the person, and how many mails they were sent; none being there is fine. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** A mail in plain text. Lines end in `\n`. */
export interface MailMessage {
  /** Whose account it is about, so that a mailer which keeps mails can forget a person. */
  readonly owner: UserId;
  /** An address that `parseEmail` accepts. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mail. */
export interface Mailer {
  /** Done once the mail was handed on or kept; whether it arrives is not known. */
  send(message: MailMessage): ResultAsync<void, PortUnavailable>;
  /** Removes what this mailer itself keeps of mails about the person; what it has sent, it cannot call back. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** Sends a mail later and as well as it can: nobody waits for it, and what becomes of it is for the operator's log. */
export type MailLater = (message: MailMessage) => void;
