import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { BegunCall, CallLost, IdempotencyScope, IdempotencyStore, KeptReply } from './ports.ts';

/** An attempt that says nothing for this long has died, and the next one may begin. */
export const CALL_HOLD_MS = 60_000;

/** A call is remembered this long after it was last begun. */
export const CALL_KEPT_MS = 24 * 60 * 60_000;

/** Whoever is told to come again is told so at the latest after this: most calls are over by then. */
const LONGEST_RETRY_AFTER_S = 5;

/** Another attempt of the same call is under way. */
export interface CallInProgress {
  readonly kind: 'call-in-progress';
  /** Whole seconds, 1 to 5. */
  readonly retryAfterSeconds: number;
}

/** The key belongs to a call that asked for something else. */
export interface IdempotencyKeyReused {
  readonly kind: 'idempotency-key-reused';
}

/** An attempt that may do the work. */
export interface BegunAttempt {
  /** When the first attempt of this call began; the same for all of them, so "now" can be the same for all. */
  readonly firstBegunAtMs: EpochMs;
  /**
   * Holds the call for another minute. To be called at least every half minute while the work goes on; after
   * `call-lost` somebody else may be doing the work too, and it should end soon.
   */
  readonly keepHolding: () => ResultAsync<void, CallLost | PortUnavailable>;
}

export interface CallOnceCommand<E> {
  readonly scope: IdempotencyScope;
  /** New with every attempt. */
  readonly token: string;
  /**
   * Tells what is asked: the SHA-256 of whatever must be the same when the call is repeated. A function where that is
   * known only once the body has been read: it reads what is left of the body, and is called after the work, or, where
   * the call was answered before, instead of it. Where it fails after the work, nothing is kept.
   */
  readonly fingerprint: string | (() => ResultAsync<string, E>);
  /**
   * Does what was asked. Its reply is kept when it is final (`isFinalReply`); any other reply, and an error, let the next
   * attempt begin at once.
   */
  readonly work: (attempt: BegunAttempt) => ResultAsync<KeptReply, E>;
}

/** The answer to a call; `replayed` says that it is the one that an earlier attempt was given. */
export interface OnceReply {
  readonly reply: KeptReply;
  readonly replayed: boolean;
}

export interface CallOncePorts {
  readonly idempotency: IdempotencyStore;
  /** The real one: holds are measured by it. */
  readonly clock: Clock;
}

/** Refusals that may end differently the next time: the client was too slow, too early, too fast, or left. */
const PASSING_REFUSALS: readonly number[] = [408, 425, 429, 499];

/** A success, or a refusal that the same request would always meet. */
export const isFinalReply = ({ status }: KeptReply): boolean => status < 500 && !PASSING_REFUSALS.includes(status);

/**
 * Does a call that carries an idempotency key, or answers what it was answered before. Of attempts at the same time one
 * works, and the others are told to come again. An attempt that dies is taken over after a minute: the work is then done
 * again with the same `firstBegunAtMs`, and has to be such that this has the effect of doing it once (`repeatableIds`).
 * For the same reason a success that cannot be kept is a success all the same.
 */
export function callOnce(ports: CallOncePorts) {
  return <E>(
    command: CallOnceCommand<E>,
  ): ResultAsync<OnceReply, CallInProgress | IdempotencyKeyReused | PortUnavailable | E> => {
    const { scope, token, fingerprint } = command;
    const nowMs = ports.clock.now();
    const known = typeof fingerprint === 'string' ? fingerprint : null;
    return ports.idempotency
      .begin(scope, {
        fingerprint: known,
        token,
        nowMs,
        heldUntilMs: nowMs + CALL_HOLD_MS,
        forgetAtMs: nowMs + CALL_KEPT_MS,
      })
      .andThen((call): ResultAsync<OnceReply, CallInProgress | IdempotencyKeyReused | E> =>
        call.kind === 'begun' ? worked(ports, command, call.firstBegunAtMs) : withoutWork(command, call, nowMs),
      );
  };
}

const REUSED: IdempotencyKeyReused = { kind: 'idempotency-key-reused' };

function withoutWork<E>(
  { fingerprint }: CallOnceCommand<E>,
  call: Exclude<BegunCall, { kind: 'begun' }>,
  nowMs: EpochMs,
): ResultAsync<OnceReply, CallInProgress | IdempotencyKeyReused | E> {
  switch (call.kind) {
    case 'other-request':
      return errAsync(REUSED);
    case 'held': {
      const isOther = typeof fingerprint === 'string' && call.fingerprint !== null && call.fingerprint !== fingerprint;
      if (isOther) return errAsync(REUSED);
      const seconds = Math.ceil((call.heldUntilMs - nowMs) / 1000);
      const retryAfterSeconds = Math.min(LONGEST_RETRY_AFTER_S, Math.max(1, seconds));
      return errAsync({ kind: 'call-in-progress', retryAfterSeconds });
    }
    case 'answered':
      return fingerprintOf(fingerprint).andThen((asked) =>
        asked === call.fingerprint
          ? okAsync<OnceReply, IdempotencyKeyReused>({ reply: call.reply, replayed: true })
          : errAsync(REUSED),
      );
  }
}

function worked<E>(
  ports: CallOncePorts,
  { scope, token, fingerprint, work }: CallOnceCommand<E>,
  firstBegunAtMs: EpochMs,
): ResultAsync<OnceReply, E> {
  const { idempotency, clock } = ports;
  // Where even this fails, the hold runs out by itself.
  const release = (): ResultAsync<void, never> => idempotency.release(scope, token).orElse(() => okAsync(undefined));
  const keep = (reply: KeptReply): ResultAsync<void, never> =>
    fingerprintOf(fingerprint)
      .andThen((asked): ResultAsync<void, unknown> => idempotency.answer(scope, token, { fingerprint: asked, reply }))
      .orElse(release);
  const keepHolding = () => idempotency.extend(scope, token, clock.now() + CALL_HOLD_MS);
  return releasedAfterBug(() => work({ firstBegunAtMs, keepHolding }), release)
    .andThen((reply) => (isFinalReply(reply) ? keep(reply) : release()).map(() => ({ reply, replayed: false })))
    .orElse((error) => release().andThen(() => errAsync<OnceReply, E>(error)));
}

/** A bug is no answer to keep, and passes on; the next attempt need not wait for the hold to run out. */
const releasedAfterBug = <T, E>(
  work: () => ResultAsync<T, E>,
  release: () => ResultAsync<void, never>,
): ResultAsync<T, E> =>
  new ResultAsync(
    Promise.resolve()
      .then(work)
      .catch(async (bug: unknown) => {
        await release();
        throw bug;
      }),
  );

const fingerprintOf = <E>(fingerprint: CallOnceCommand<E>['fingerprint']): ResultAsync<string, E> =>
  typeof fingerprint === 'string' ? okAsync(fingerprint) : fingerprint();
