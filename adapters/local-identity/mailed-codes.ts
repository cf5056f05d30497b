import { err, errAsync, ok, okAsync, type ResultAsync } from 'neverthrow';
import type { ExpiredCode, InvalidCode } from '../../core/auth/errors.ts';
import { codeMail, type MailText } from '../../core/auth/mail-texts.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { AccountStore } from '../../core/auth/account-store.ts';
import type {
  CodePurpose,
  EmailedCode,
  EmailedCodes,
  IssuedCode,
  MailPace,
  Mailer,
} from '../../core/auth/mail-ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { AfterAnswer } from './after-answer.ts';
import { hashOfCode, isCode, type CodeSecrets } from './code-secrets.ts';

const MS_PER_MINUTE = 60_000;

/** How long a code is good. */
export const CODE_MINUTES: Readonly<Record<CodePurpose, number>> = { confirm: 60, change: 15, reset: 15 };

/**
 * How often a code may be tried, by anybody: a thousand guesses at 40 bits succeed once in a thousand million times, and
 * whoever wants to use up somebody else's tries runs into the limits of calls first.
 */
export const MOST_TRIES = 1000;

/** Mails to one account for one purpose. */
export const MAIL_PACE: MailPace = { pauseMs: MS_PER_MINUTE, windowMs: 60 * MS_PER_MINUTE, mostInWindow: 5 };

/** Whose code it is; null where there is no account. */
export interface CodeHolder {
  readonly userId: UserId;
}

export interface MailedCodesDeps {
  readonly accounts: Pick<AccountStore, 'byId'>;
  readonly codes: EmailedCodes;
  readonly mail: Mailer;
  readonly clock: Clock;
  readonly secrets: CodeSecrets;
  readonly afterAnswer: AfterAnswer;
}

/** Sends codes by mail, and takes them back. */
export class MailedCodes {
  readonly #deps: MailedCodesDeps;

  constructor(deps: MailedCodesDeps) {
    this.#deps = deps;
  }

  /** Makes a new code, which takes the place of the one before, and mails it; both after the answer, and within the pace. */
  sendAfterAnswer({ userId: user }: CodeHolder, purpose: CodePurpose, address: string): void {
    this.#deps.afterAnswer.do('send a code', () => this.send({ userId: user }, purpose, address));
  }

  /** Makes a new code, unless that would be a mail too many. The mail itself goes after the answer. */
  send({ userId: user }: CodeHolder, purpose: CodePurpose, address: string): ResultAsync<IssuedCode, PortUnavailable> {
    const { codes, clock, secrets } = this.#deps;
    const code = secrets.code();
    const nowMs = clock.now();
    const expiresAtMs = nowMs + CODE_MINUTES[purpose] * MS_PER_MINUTE;
    const unhashed = { user, purpose, address, salt: secrets.salt(), expiresAtMs, used: false };
    return codes.issue({ ...unhashed, hash: hashOfCode(unhashed, code) }, nowMs, MAIL_PACE).map((issued) => {
      if (issued.kind === 'issued') {
        this.tellAfterAnswer({ userId: user }, address, codeMail(purpose, code, CODE_MINUTES[purpose]));
      }
      return issued;
    });
  }

  /**
   * The newest code of the account, if this is it and it is still good; each call is one try. A wrong code says
   * the same whether there is an account, a code, or a try left. It costs about the same, too.
   */
  check(
    holder: CodeHolder | null,
    purpose: CodePurpose,
    shown: string,
  ): ResultAsync<EmailedCode, InvalidCode | ExpiredCode | PortUnavailable> {
    const { codes, clock } = this.#deps;
    return codes.countTry(holder?.userId ?? NOBODY, purpose, MOST_TRIES).andThen((code) => {
      const isRight = isCode(code ?? NO_CODE, shown);
      if (code === null || !isRight) return err(INVALID_CODE);
      return code.used || code.expiresAtMs <= clock.now() ? err(EXPIRED_CODE) : ok(code);
    });
  }

  /**
   * The same of a code that was sent to this very address: one that went to an address which the account has left since
   * proves nothing of the new one.
   */
  checkSentTo(
    account: (CodeHolder & { readonly emailKey: string }) | null,
    purpose: CodePurpose,
    shown: string,
  ): ResultAsync<EmailedCode, InvalidCode | ExpiredCode | PortUnavailable> {
    return this.check(account, purpose, shown).andThen((code) =>
      emailKey(code.address) === account?.emailKey ? ok(code) : err(INVALID_CODE),
    );
  }

  /** Uses the code up and then does the work. When the work fails for want of a port, the code is good again. */
  spend<T, E extends { readonly kind: string }>(
    code: EmailedCode,
    work: () => ResultAsync<T, E | PortUnavailable>,
  ): ResultAsync<T, E | ExpiredCode | PortUnavailable> {
    const { codes } = this.#deps;
    return codes.use(code).andThen((isFirst): ResultAsync<T, E | ExpiredCode | PortUnavailable> => {
      if (!isFirst) return errAsync(EXPIRED_CODE);
      return work().orElse((error) => {
        if (error.kind !== 'port-unavailable') return errAsync(error);
        // Where that fails too, a new code has to be asked for.
        return codes
          .release(code)
          .orElse(() => okAsync(undefined))
          .andThen(() => errAsync(error));
      });
    });
  }

  /** Makes the person's code for this, if there is one, good for nothing. */
  cancel(user: UserId, purpose: CodePurpose): ResultAsync<void, PortUnavailable> {
    const { codes } = this.#deps;
    return codes
      .countTry(user, purpose, Infinity)
      .andThen((code) => (code === null ? okAsync(false) : codes.use(code)))
      .map(() => undefined);
  }

  /** Mails the person something that they are to know, after the answer. */
  tellAfterAnswer({ userId: user }: CodeHolder, address: string, words: MailText): void {
    const { mail, afterAnswer } = this.#deps;
    afterAnswer.do('send a mail', () =>
      mail.send({ owner: user, to: address, ...words }).andThen(() => this.#takeBackFromErased(user)),
    );
  }

  /** Forgets all codes of the person, and the mails that are kept here. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    const { codes, mail } = this.#deps;
    return codes.eraseOwner(user).andThen(() => mail.eraseOwner(user));
  }

  /** Nobody who was erased while a code was under way is remembered for it. */
  #takeBackFromErased(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#deps.accounts
      .byId(user)
      .andThen((account) => (account === null ? this.eraseOwner(user) : okAsync(undefined)));
  }
}

const INVALID_CODE: InvalidCode = { kind: 'invalid-code' };
const EXPIRED_CODE: ExpiredCode = { kind: 'expired-code' };

/** Nobody's id: accounts have UUIDs. */
const NOBODY = userId('nobody');

/** Compared with where there is no code, so that there is the same work to do. No code has this hash. */
const NO_CODE: EmailedCode = {
  user: NOBODY,
  purpose: 'reset',
  address: '',
  salt: '00'.repeat(16),
  hash: '00'.repeat(32),
  expiresAtMs: 0,
  used: true,
};
