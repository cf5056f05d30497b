import { okAsync, type ResultAsync } from 'neverthrow';
import { pacedMail } from '../../core/auth/mail-pace.ts';
import type { CodePurpose, EmailedCode, EmailedCodes, IssuedCode, MailPace } from '../../core/auth/mail-ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

interface KeptCode {
  readonly code: EmailedCode;
  readonly tries: number;
  readonly sentMs: readonly EpochMs[];
}

/** The codes that were sent by mail, in the process's memory. */
export class MemoryEmailedCodes implements EmailedCodes {
  readonly #kept = new Map<UserId, Map<CodePurpose, KeptCode>>();

  issue(code: EmailedCode, nowMs: EpochMs, pace: MailPace): ResultAsync<IssuedCode, PortUnavailable> {
    const before = this.#newest(code.user, code.purpose);
    const { untilMs, recentMs } = pacedMail(before?.sentMs ?? [], nowMs, pace);
    if (before !== undefined && untilMs !== null) {
      return okAsync({ kind: 'withheld', untilMs, standing: { ...before.code } });
    }
    this.#keep({ code: { ...code }, tries: 0, sentMs: [...recentMs, nowMs] });
    return okAsync({ kind: 'issued' });
  }

  countTry(user: UserId, purpose: CodePurpose, mostTries: number): ResultAsync<EmailedCode | null, PortUnavailable> {
    const kept = this.#newest(user, purpose);
    if (kept === undefined || kept.tries >= mostTries) return okAsync(null);
    this.#keep({ ...kept, tries: kept.tries + 1 });
    return okAsync({ ...kept.code });
  }

  use(code: EmailedCode): ResultAsync<boolean, PortUnavailable> {
    return okAsync(this.#mark(code, true));
  }

  release(code: EmailedCode): ResultAsync<void, PortUnavailable> {
    this.#mark(code, false);
    return okAsync(undefined);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    this.#kept.delete(user);
    return okAsync(undefined);
  }

  #newest(user: UserId, purpose: CodePurpose): KeptCode | undefined {
    return this.#kept.get(user)?.get(purpose);
  }

  #keep(kept: KeptCode): void {
    const { user, purpose } = kept.code;
    const ofUser = this.#kept.get(user) ?? new Map<CodePurpose, KeptCode>();
    this.#kept.set(user, ofUser.set(purpose, kept));
  }

  /** Whether the code is the newest and was in the other state. */
  #mark({ user, purpose, salt }: EmailedCode, used: boolean): boolean {
    const kept = this.#newest(user, purpose);
    if (kept?.code.salt !== salt || kept.code.used === used) return false;
    this.#keep({ ...kept, code: { ...kept.code, used } });
    return true;
  }
}
