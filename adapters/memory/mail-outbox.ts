import { okAsync, type ResultAsync } from 'neverthrow';
import type { Mailer, MailMessage } from '../../core/auth/mail-ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';

const MOST_MESSAGES = 1000;

/** Keeps the last 1000 mails where the process itself can read them; nothing is sent to anybody. */
export class MemoryMailOutbox implements Mailer {
  #messages: readonly MailMessage[] = [];

  /** The oldest first. */
  get messages(): readonly MailMessage[] {
    return this.#messages;
  }

  send(message: MailMessage): ResultAsync<void, PortUnavailable> {
    this.#messages = [...this.#messages.slice(1 - MOST_MESSAGES), { ...message }];
    return okAsync(undefined);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    this.#messages = this.#messages.filter(({ owner }) => owner !== user);
    return okAsync(undefined);
  }
}
