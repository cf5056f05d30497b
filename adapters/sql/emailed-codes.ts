import type { Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import { pacedMail } from '../../core/auth/mail-pace.ts';
import type { CodePurpose, EmailedCode, EmailedCodes, IssuedCode, MailPace } from '../../core/auth/mail-ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { EmailedCodeRow, Tables } from './tables.ts';
import { orUnavailable } from './unavailable.ts';

/** The codes that were sent by mail, in a database. */
export class SqlEmailedCodes implements EmailedCodes {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  issue(code: EmailedCode, nowMs: EpochMs, pace: MailPace): ResultAsync<IssuedCode, PortUnavailable> {
    return this.#write('issue', async (transaction): Promise<IssuedCode> => {
      const before = await newestOf(transaction, code.user, code.purpose);
      const sentMs = before === undefined ? [] : (JSON.parse(before.sent_ms) as readonly EpochMs[]);
      const { untilMs, recentMs } = pacedMail(sentMs, nowMs, pace);
      if (before !== undefined && untilMs !== null) return { kind: 'withheld', untilMs, standing: codeOf(before) };
      await transaction
        .replaceInto('emailed_code')
        .values(rowOf(code, [...recentMs, nowMs]))
        .execute();
      return { kind: 'issued' };
    });
  }

  countTry(user: UserId, purpose: CodePurpose, mostTries: number): ResultAsync<EmailedCode | null, PortUnavailable> {
    return this.#write('countTry', async (transaction) => {
      const row = await newestOf(transaction, user, purpose);
      if (row === undefined || row.tries >= mostTries) return null;
      await transaction
        .updateTable('emailed_code')
        .set({ tries: row.tries + 1 })
        .where('user_id', '=', user)
        .where('purpose', '=', purpose)
        .execute();
      return codeOf(row);
    });
  }

  use(code: EmailedCode): ResultAsync<boolean, PortUnavailable> {
    return this.#write('use', (transaction) => mark(transaction, code, 1));
  }

  release(code: EmailedCode): ResultAsync<void, PortUnavailable> {
    return this.#write('release', (transaction) => mark(transaction, code, 0)).map(() => undefined);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#write('eraseOwner', async (transaction) => {
      await transaction.deleteFrom('emailed_code').where('user_id', '=', user).execute();
    });
  }

  #write<T>(
    operation: string,
    work: (transaction: Transaction<Tables>) => Promise<T>,
  ): ResultAsync<T, PortUnavailable> {
    return orUnavailable('EmailedCodes', operation, this.#database.write(work));
  }
}

const newestOf = (
  transaction: Transaction<Tables>,
  user: UserId,
  purpose: CodePurpose,
): Promise<EmailedCodeRow | undefined> =>
  transaction
    .selectFrom('emailed_code')
    .selectAll()
    .where('user_id', '=', user)
    .where('purpose', '=', purpose)
    .executeTakeFirst();

/** Whether the code is the newest and was in the other state. */
async function mark(
  transaction: Transaction<Tables>,
  { user, purpose, salt }: EmailedCode,
  used: 0 | 1,
): Promise<boolean> {
  const row = await newestOf(transaction, user, purpose);
  if (row?.salt !== salt || row.used === used) return false;
  await transaction
    .updateTable('emailed_code')
    .set({ used })
    .where('user_id', '=', user)
    .where('purpose', '=', purpose)
    .execute();
  return true;
}

const rowOf = (code: EmailedCode, sentMs: readonly EpochMs[]): EmailedCodeRow => ({
  user_id: code.user,
  purpose: code.purpose,
  address: code.address,
  salt: code.salt,
  hash: code.hash,
  expires_at_ms: code.expiresAtMs,
  used: Number(code.used),
  tries: 0,
  sent_ms: JSON.stringify(sentMs),
});

const codeOf = (row: EmailedCodeRow): EmailedCode => ({
  user: userId(row.user_id),
  purpose: row.purpose as CodePurpose,
  address: row.address,
  salt: row.salt,
  hash: row.hash,
  expiresAtMs: row.expires_at_ms,
  used: row.used === 1,
});
