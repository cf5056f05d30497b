import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { SendOutcome, TargetRefused, WebhookSender } from '../../core/webhooks/ports.ts';
import { WebhookTargets, type JudgedTarget, type ResolvedAddress, type ResolveName } from './webhook-target.ts';

export interface HttpsWebhookSenderOptions {
  /** `host` or `host:port`, in lower case, as URLs write them; these may be private and be spoken to without TLS. */
  readonly allowedHosts: readonly string[];
  /** Sent as `User-Agent`. */
  readonly userAgent: string;
  readonly resolve?: ResolveName;
  /** Aborts when an attempt, from the look at the name to the answer's end, has taken too long. */
  readonly deadline?: () => AbortSignal;
  /** Certificates of authorities that are trusted instead of the usual ones, in PEM. */
  readonly authorities?: string;
}

/** Name, connection, answer and redirects together. */
const DEADLINE_MS = 10_000;
const MOST_REDIRECTS = 3;
/** Answers are for people who look for faults, not for us: so much is read, so that a receiver can finish, no more. */
const MOST_ANSWER_BYTES = 1024;

/** Only these keep the method and the body (RFC 9110, sections 15.4.8 and 15.4.9). */
const REDIRECTS: ReadonlySet<number> = new Set([307, 308]);

type Message = Parameters<WebhookSender['send']>[0];

/** One receiver's answer, before it is known what it means. */
interface Answer {
  readonly status: number;
  readonly location: string | null;
}

/**
 * Sends webhooks. A name is looked up once a connection, every address that it has is judged, and the connection is made
 * to one of those: a name that changes its meaning in between leads nowhere else. Redirects are judged like targets. No
 * proxy of the environment is used, no connection is used twice, and certificates are always checked.
 */
export class HttpsWebhookSender implements WebhookSender {
  readonly #options: HttpsWebhookSenderOptions;
  readonly #targets: WebhookTargets;

  constructor(options: HttpsWebhookSenderOptions) {
    this.#options = options;
    this.#targets = new WebhookTargets(options.allowedHosts, options.resolve);
  }

  check(url: string): ResultAsync<void, TargetRefused | PortUnavailable> {
    return ResultAsync.fromPromise(orAborted(this.#targets.judge(url), this.#deadline()), (cause) =>
      portUnavailable('WebhookSender', 'check', cause),
    ).andThen((judged) => judged.map(() => undefined));
  }

  send(message: Message): ResultAsync<SendOutcome, PortUnavailable> {
    return ResultAsync.fromSafePromise(this.#send(message, this.#deadline()));
  }

  #deadline(): AbortSignal {
    return this.#options.deadline?.() ?? AbortSignal.timeout(DEADLINE_MS);
  }

  async #send(message: Message, deadline: AbortSignal): Promise<SendOutcome> {
    let url = message.url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await this.#post(url, message, deadline);
      if (answer.isErr()) return { status: null, error: answer.error };
      const { status, location } = answer.value;
      if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, url)) {
        return { status, error: status >= 200 && status < 300 ? null : 'status' };
      }
      const next = new URL(location, url);
      // A place in the answer that nobody looks at.
      next.hash = '';
      url = next.href;
    }
    return { status: null, error: 'too-many-redirects' };
  }

  /** The answer, or a code that says why there is none. */
  async #post(url: string, message: Message, deadline: AbortSignal): Promise<Result<Answer, string>> {
    try {
      const judged = await orAborted(this.#targets.judge(url), deadline);
      if (judged.isErr()) return err('refused-target');
      return ok(await this.#exchange(judged.value, message, deadline));
    } catch (cause) {
      return err(deadline.aborted ? 'timeout' : codeOf(cause));
    }
  }

  #exchange({ url, addresses }: JudgedTarget, { headers, body }: Message, deadline: AbortSignal): Promise<Answer> {
    const content = Buffer.from(body);
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      lookup: answering(addresses),
      signal: deadline,
      headers: { ...headers, 'user-agent': this.#options.userAgent, 'content-length': content.length },
    };
    const { authorities } = this.#options;
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? requestHttps(url, {
              ...options,
              rejectUnauthorized: true,
              ...(authorities === undefined ? {} : { ca: authorities }),
            })
          : requestHttp(url, options);
      let answer: Answer | null = null;
      request.on('error', (cause) => {
        if (answer === null) reject(cause);
      });
      request.once('response', (response) => {
        const { statusCode = 0, headers } = response;
        answer = { status: statusCode, location: headers.location ?? null };
        void thrownAway(response).then(() => {
          request.destroy();
          if (answer !== null) resolve(answer);
        });
      });
      request.end(content);
    });
  }
}

/** Reads a little of the answer and forgets it; one that breaks off has said what it had to say. */
async function thrownAway(response: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size >= MOST_ANSWER_BYTES) return;
    }
  } catch {
    // The status has arrived; nothing else is wanted.
  }
}

/** A lookup that knows nothing but these addresses. */
const answering =
  (addresses: readonly ResolvedAddress[]): LookupFunction =>
  (_name, { all }, answer) => {
    const [first] = addresses;
    if (all === true) answer(null, [...addresses]);
    else if (first !== undefined) answer(null, first.address, first.family);
  };

/** What the promise answers, or a rejection as soon as the signal aborts: a look at a name cannot be called off. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new Error('the time was over'));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** `tls` where the receiver's certificate is not trusted. */
function codeOf(cause: unknown): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (/^(ENOTFOUND|EAI_)/.test(code)) return 'name';
  return /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO|ERR_SSL/.test(code) ? 'tls' : 'connection';
}
