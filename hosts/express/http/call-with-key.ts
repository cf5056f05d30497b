import { createHash, randomUUID } from 'node:crypto';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { PROBLEMS } from '../../../contracts/problems.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { callOnce, CALL_HOLD_MS, isFinalReply, type BegunAttempt } from '../../../core/idempotency/call-once.ts';
import type { IdempotencyScope, IdempotencyStore, KeptReply } from '../../../core/idempotency/ports.ts';
import { repeatableIds } from '../../../core/idempotency/repeatable-ids.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import { inputRejected } from '../../../core/kernel/errors.ts';
import type { Ids } from '../../../core/kernel/ids.ts';
import type { Endpoint, EndpointRequest, IncomingFile } from './endpoint.ts';
import type { EndpointError } from './endpoint-error.ts';
import { problemDocument, problemFacts } from './problem-of.ts';
import { wholeReply } from './send-reply.ts';

/** What an endpoint gave, or what an earlier attempt of the same call was answered. */
export type Answer =
  | { readonly kind: 'reply'; readonly reply: unknown }
  | { readonly kind: 'kept'; readonly reply: KeptReply };

export interface KeyedCallDeps {
  readonly idempotency: IdempotencyStore;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly digest: Digest;
}

/** A call that came with an Idempotency-Key. */
export interface KeyedCall {
  /** The route's id. */
  readonly operation: string;
  readonly key: string;
  readonly route: RouteDefinition;
  readonly call: EndpointRequest<RouteDefinition>;
  readonly endpoint: Endpoint<RouteDefinition>;
}

const LONGEST_KEY = 255;

/** Does the call, or answers what it was answered before. */
export function callWithKey(deps: KeyedCallDeps, keyed: KeyedCall): ResultAsync<Answer, EndpointError> {
  const { operation, key, route, call, endpoint } = keyed;
  if (key.length === 0 || key.length > LONGEST_KEY) {
    return errAsync(
      inputRejected({
        pointer: '/header/Idempotency-Key',
        message: `must have 1 to ${String(LONGEST_KEY)} characters`,
        code: 'invalid',
      }),
    );
  }
  const scope: IdempotencyScope = { owner: callerOf(call).userId, operation, key };
  // The type of a route that is not known yet says that there is none.
  const given = call.file as unknown as IncomingFile | null;
  const file = given === null ? null : new CountedFile(given, call.url.search);
  let done: Answer | null = null;
  let refusal: EndpointError | null = null;
  const work = (attempt: BegunAttempt): ResultAsync<KeptReply, EndpointError> =>
    held(attempt, (lost) =>
      endpoint({
        ...call,
        cancelled: AbortSignal.any([call.cancelled, lost]),
        file: (file === null ? null : file.passedOn()) as never,
        ids: repeatableIds(deps.digest, scope, attempt.firstBegunAtMs),
        clock: { now: () => attempt.firstBegunAtMs },
      }),
    )
      .map((reply) => {
        done = { kind: 'reply', reply };
        return keptReply(route, reply);
      })
      .orElse((error) => {
        const reply = keptRefusal(call, error);
        if (!isFinalReply(reply)) return errAsync(error);
        refusal = error;
        return okAsync(reply);
      });
  return callOnce(deps)<EndpointError>({
    scope,
    token: randomUUID(),
    fingerprint: file === null ? fingerprintOf(deps.digest, call) : () => file.fingerprint(),
    work,
  }).andThen(({ reply, replayed }): ResultAsync<Answer, EndpointError> => {
    if (replayed) return okAsync({ kind: 'kept', reply });
    return refusal === null ? okAsync(done ?? { kind: 'kept', reply }) : errAsync(refusal);
  });
}

/** Routes that take keys are those of people who have said who they are. */
const callerOf = (call: EndpointRequest<RouteDefinition>) => {
  const principal = call.principal as { readonly userId: IdempotencyScope['owner'] } | null;
  if (principal === null) throw new TypeError('a route without authentication cannot take an Idempotency-Key');
  return principal;
};

/** Holds the call for as long as the work takes, and tells the work where somebody else has taken it over. */
function held<T>(
  attempt: BegunAttempt,
  work: (lost: AbortSignal) => ResultAsync<T, EndpointError>,
): ResultAsync<T, EndpointError> {
  const lost = new AbortController();
  const timer = setInterval(() => {
    void attempt.keepHolding().mapErr(({ kind }) => {
      if (kind === 'call-lost') lost.abort();
    });
  }, CALL_HOLD_MS / 3);
  return new ResultAsync(
    Promise.resolve()
      .then(() => work(lost.signal))
      .finally(() => {
        clearInterval(timer);
      }),
  );
}

/** Where it was sent, and what: both slash forms of a path are one place. */
const fingerprintOf = (digest: Digest, { url, rawBody }: EndpointRequest<RouteDefinition>): string =>
  digest.sha256Hex(JSON.stringify([url.pathname.replace(/\/$/, ''), url.search, digest.sha256Hex(rawBody)]));

function keptReply(route: RouteDefinition, reply: unknown): KeptReply {
  const whole = wholeReply(route, reply);
  if (whole === null) throw new TypeError(`${route.path} streams its answer, which cannot be kept`);
  return {
    status: whole.status,
    mediaType: whole.mediaType ?? 'application/json',
    headers: whole.headers,
    body: whole.content,
  };
}

function keptRefusal(call: EndpointRequest<RouteDefinition>, error: EndpointError): KeptReply {
  const facts = problemFacts(error);
  return {
    status: PROBLEMS[facts.slug].status,
    mediaType: 'application/problem+json',
    headers: {},
    body: JSON.stringify(problemDocument(facts, { path: call.url.pathname, id: call.requestId })),
  };
}

/** A file whose bytes are counted into a hash while they pass. */
class CountedFile {
  readonly #file: IncomingFile;
  readonly #search: string;
  readonly #hash = createHash('sha256');
  #state: 'unread' | 'passing' | 'read' = 'unread';

  constructor(file: IncomingFile, search: string) {
    this.#file = file;
    this.#search = search;
  }

  /** The file for whoever works with it. */
  passedOn(): IncomingFile {
    return { ...this.#file, content: this.#counted() };
  }

  /**
   * The hash of the form's fields and of the content; reads the content where nobody has begun to. Work that has refused
   * the file in the middle has no hash, and so no answer that could be kept.
   */
  fingerprint(): ResultAsync<string, EndpointError> {
    const ended: Promise<unknown> = this.#state === 'unread' ? this.#drained() : Promise.resolve();
    return ResultAsync.fromPromise(ended, (): EndpointError => ({ kind: 'client-gone' })).andThen(() =>
      this.#state === 'read'
        ? okAsync(
            this.#hash
              .copy()
              .update(JSON.stringify([this.#search, this.#file.fields]))
              .digest('hex'),
          )
        : errAsync<string, EndpointError>({ kind: 'client-gone' }),
    );
  }

  async *#counted(): AsyncGenerator<Uint8Array> {
    this.#state = 'passing';
    for await (const chunk of this.#file.content) {
      this.#hash.update(chunk);
      yield chunk;
    }
    this.#state = 'read';
  }

  async #drained(): Promise<void> {
    for await (const _ of this.#counted());
  }
}
