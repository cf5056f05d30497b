import { okAsync, ResultAsync } from 'neverthrow';
import type { createTransport } from 'nodemailer';
import type { Mailer, MailMessage } from '../../core/auth/mail-ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

export interface SmtpMailerOptions {
  /** `smtp://host:port` (which takes STARTTLS where the server has it) or `smtps://host:port`, with `user:password@` where the server asks for it. */
  readonly url: string;
  /** `name@host` or `Words <name@host>`. */
  readonly from: string;
  /** A mail that takes longer is given up; 10 seconds unless told. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Hosts whose traffic does not leave this machine. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/i;

type Transport = ReturnType<typeof createTransport>;

/**
 * Hands mails on to a mail server (RFC 5321), each over a connection of its own. A password goes to another machine only
 * over TLS, with a certificate that is checked. Nothing is kept here.
 */
export class SmtpMailer implements Mailer {
  readonly #options: SmtpMailerOptions;
  #transport: Promise<Transport> | null = null;

  constructor(options: SmtpMailerOptions) {
    this.#options = options;
  }

  /** A refusal for good (5yz) is not retryable; a server that cannot be reached or is busy (4yz) is. */
  send(message: MailMessage): ResultAsync<void, PortUnavailable> {
    return ResultAsync.fromPromise(this.#send(message), (cause) => unsent(cause, message));
  }

  eraseOwner(): ResultAsync<void, PortUnavailable> {
    return okAsync(undefined);
  }

  async #send({ to, subject, text }: MailMessage): Promise<void> {
    const { from, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    this.#transport ??= transportFor(this.#options.url, timeoutMs);
    const transport = await this.#transport;
    await transport.sendMail({
      from,
      // Not as text, which would be read as a list.
      to: { name: '', address: to },
      subject,
      text,
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

/** The library is loaded only where mail is sent. */
async function transportFor(url: string, timeoutMs: number): Promise<Transport> {
  const nodemailer = await import('nodemailer');
  const { username, hostname } = new URL(url);
  return nodemailer.createTransport({
    url,
    requireTLS: username !== '' && !LOOPBACK.test(hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Servers like to quote the address in what they say; the operator's log is not the place for it. */
function unsent(cause: unknown, { to }: MailMessage): PortUnavailable {
  const { code, responseCode } = cause as { readonly code?: string; readonly responseCode?: number };
  const words = cause instanceof Error ? cause.message : String(cause);
  const address = new RegExp(to.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu');
  return portUnavailable(
    'Mailer',
    'send',
    `${code ?? 'error'}: ${words.replaceAll(address, '(the address)')}`,
    responseCode === undefined || responseCode < 500,
  );
}
