import path from 'node:path';
import type { Logger } from 'pino';
import { AfterAnswer } from '../../adapters/local-identity/after-answer.ts';
import { SmtpMailer } from '../../adapters/smtp/mailer.ts';
import type { Mailer, MailLater } from '../../core/auth/mail-ports.ts';
import type { LockPolicy } from '../../core/auth/password-ports.ts';
import { amountOrNone, flag, matching, variable, wholeNumber, type ReadSetting } from './setting-codecs.ts';

/** Where mail goes, and from whom. */
export interface MailConfig {
  /** Null: it is kept where the storage profile keeps it, and sent nowhere. */
  readonly smtpUrl: string | null;
  /** `name@host` or `Words <name@host>`. */
  readonly from: string;
}

/** How the local identity provider treats accounts; a user pool has settings of its own. */
export interface AccountConfig {
  /** Whether an account can be used only after its e-mail address was confirmed. */
  readonly requireEmailVerification: boolean;
  readonly lock: LockPolicy;
  /** How old the key that signs tokens becomes before another one follows it; null: as old as it likes. */
  readonly signingKeyMostAgeMs: number | null;
  readonly mail: MailConfig;
}

const MS_PER_DAY = 86_400_000;
const MOST_KEY_DAYS = 3650;

const daysInMs = (days: number | null): number | null => (days === null ? null : days * MS_PER_DAY);

const KEPT_MAIL_FROM = 'Clarity <no-reply@localhost>';

const smtpUrl = variable('a URL such as smtps://user:password@mail.example:465', (text) =>
  /^smtps?:\/\/\S+$/.test(text) && URL.canParse(text) && new URL(text).hostname !== '' ? text : null,
);
const sender = matching(
  'an address such as clarity@example.org, or Clarity <clarity@example.org>',
  /^(?:[\p{L}\p{N} '_-]{1,100} <[^\s<>@"]{1,64}@[^\s<>@"]{1,190}>|[^\s<>@"]{1,64}@[^\s<>@"]{1,190})$/u,
);

/** Reads the settings of local accounts; `read` and `need` note what is wrong or missing. */
export function readAccountConfig(read: ReadSetting, need: ReadSetting): AccountConfig {
  const url = read('SMTP_URL', smtpUrl, null);
  // A mail server takes no sender that does not exist.
  const readSender = url === null ? read : need;
  return {
    requireEmailVerification: read('REQUIRE_EMAIL_VERIFICATION', flag, false),
    lock: {
      mostFailures: read('LOGIN_ATTEMPTS', wholeNumber(1, 100), 3),
      lockMs: read('LOGIN_LOCK_MINUTES', wholeNumber(1, 1440), 15) * 60_000,
    },
    signingKeyMostAgeMs: daysInMs(read('SIGNING_KEY_MAX_AGE_DAYS', amountOrNone(MOST_KEY_DAYS), 90)),
    mail: { smtpUrl: url, from: readSender('MAIL_FROM', sender, KEPT_MAIL_FROM) },
  };
}

/** Where an embedded installation without a mail server keeps its mails. */
export const mailFolder = (dataDir: string): string => path.join(dataDir, 'mail');

/** What of the configuration decides where mails are. */
interface MailPlace {
  readonly storage: 'embedded' | 'memory' | 'aws';
  readonly dataDir: string;
  readonly accounts: Pick<AccountConfig, 'mail'>;
}

/** The line of the welcome that says where the mails are that people wait for. */
export function mailLine({ storage, dataDir, accounts: { mail } }: MailPlace): string {
  const place =
    storage === 'aws'
      ? 'the user pool sends it'
      : mail.smtpUrl !== null
        ? `sent through ${new URL(mail.smtpUrl).host} from ${mail.from}`
        : storage === 'embedded'
          ? `kept in ${path.resolve(mailFolder(dataDir))}; SMTP_URL and MAIL_FROM send it`
          : 'kept in memory, where nobody reads it; SMTP_URL and MAIL_FROM send it';
  return `  Mail                 ${place}`;
}

/** A mail server where there is one, otherwise what the storage profile keeps mails in. */
export const mailerOf = ({ smtpUrl: url, from }: MailConfig, outbox: Mailer): Mailer =>
  url === null ? outbox : new SmtpMailer({ url, from });

/** The mail server, where there is one: a user pool keeps no mails for others. */
export const serverOrNone = ({ smtpUrl: url, from }: MailConfig): Mailer | null =>
  url === null ? null : new SmtpMailer({ url, from });

/** Sends mails after the answer that they belong to. Without a mailer none are sent, and the log says so. */
export function mailingLater(
  mailer: Pick<Mailer, 'send'> | null,
  logger: Pick<Logger, 'warn' | 'info'>,
): { readonly mailLater: MailLater; readonly settled: () => Promise<void> } {
  const later = new AfterAnswer((error) => {
    logger.warn(error, 'a mail to a person could not be sent');
  });
  return {
    mailLater: (message) => {
      if (mailer === null) logger.info('a mail to a person was not sent: there is no mail server');
      else later.do('mail', () => mailer.send(message));
    },
    settled: () => later.settled(),
  };
}
