import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ResultAsync } from 'neverthrow';
import type { Mailer, MailMessage } from '../../core/auth/mail-ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { Ids, UserId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { replaceFile } from './durable-file.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';
import { internetMessage } from './internet-message.ts';

/** Codes are good for an hour at most; a mail is kept a little longer for whoever looks for it, and then no more. */
export const DAYS_KEPT = 7;

/** Read and written by this user alone: who reads a mail has its code. */
const PRIVATE = 0o600;

/** `2025-06-15T12-00-00.000Z_<owner>_<id>.eml`, the owner as the beginning of a SHA-256. */
const NAME = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)_([0-9a-f]{32})_.+\.eml$/;

export interface FileMailOutboxOptions {
  readonly folder: string;
  /** `name@host` or `Words <name@host>`. */
  readonly from: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Keeps each mail as a file that any mail program opens, for an installation without a mail server: whoever may read the
 * folder reads the codes. Files sort by time, and go after a week, with a later mail.
 */
export class FileMailOutbox implements Mailer {
  readonly #options: FileMailOutboxOptions;
  readonly #folder: string;

  constructor(options: FileMailOutboxOptions) {
    this.#options = options;
    this.#folder = path.resolve(options.folder);
  }

  send(message: MailMessage): ResultAsync<void, PortUnavailable> {
    return this.#orUnavailable('send', this.#keep(message));
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    const mark = markOf(user);
    return this.#orUnavailable(
      'eraseOwner',
      this.#removeWhere((_sentAtMs, owner) => owner === mark),
    );
  }

  async #keep(message: MailMessage): Promise<void> {
    const { from, clock, ids } = this.#options;
    const sentAtMs = clock.now();
    const id = ids.uuid();
    const time = new Date(sentAtMs).toISOString().replaceAll(':', '-');
    await makeFolder(this.#folder);
    const file = path.join(this.#folder, `${time}_${markOf(message.owner)}_${id}.eml`);
    await replaceFile(file, internetMessage(message, { from, id, sentAtMs }), PRIVATE);
    await this.#removeWhere((keptSinceMs) => keptSinceMs < sentAtMs - DAYS_KEPT * MS_PER_DAY);
  }

  /** Files that are not of this outbox stay. */
  async #removeWhere(isOver: (sentAtMs: number, owner: string) => boolean): Promise<void> {
    const names = (await this.#names()).filter((name) => {
      const [, day, hour, minute, second, owner] = NAME.exec(name) ?? [];
      return owner !== undefined && isOver(Date.parse(`${day}${hour}:${minute}:${second}`), owner);
    });
    for (const name of names) await rm(path.join(this.#folder, name), { force: true });
    if (names.length > 0) await syncFolder(this.#folder);
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return [];
      throw cause;
    }
  }

  #orUnavailable<T>(operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> {
    return ResultAsync.fromPromise(work, (cause) => portUnavailable('Mailer', operation, cause));
  }
}

const markOf = (owner: UserId): string => createHash('sha256').update(owner).digest('hex').slice(0, 32);
