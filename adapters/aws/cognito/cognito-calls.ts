import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { type AwsCaller, isPassing, nameOf } from '../aws-caller.ts';
import { type AwsSettings, clientConfig } from '../settings.ts';
import { isTrouble, meaningOf, type Meanings, withoutValues } from './error-meaning.ts';
import { regionOfPool } from './user-pool.ts';

/** Where the accounts are. */
export interface CognitoDeps {
  readonly settings: AwsSettings;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly caller: AwsCaller;
}

/** How often a call may be made. */
export type Repetition =
  /** After every passing trouble: twice is as good as once. */
  | 'freely'
  /** Only while it is certain that the call before had no effect, as when Cognito turned it away for being busy. */
  | 'unless-done';

/** What the SDK is asked with. */
export type Work<T> = (
  client: CognitoIdentityProviderClient,
  options: { readonly abortSignal: AbortSignal },
) => Promise<T>;

/** The calls of Cognito that may have ended without an answer did something or nothing; of these it is certain: nothing. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'RequestLimitExceeded',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Calls a user pool, and reads its errors by the table of the operation. */
export class CognitoCalls {
  readonly #client: CognitoIdentityProviderClient;
  readonly #caller: AwsCaller;

  constructor({ settings, userPoolId, caller }: CognitoDeps) {
    // A pool is in the region of its id, wherever everything else is.
    const region = regionOfPool(userPoolId) ?? settings.region;
    this.#client = new CognitoIdentityProviderClient(clientConfig({ ...settings, region }, 'cognito'));
    this.#caller = caller;
  }

  /** What `work` answers, or what its error means. Trouble that has no meaning for the caller is `port-unavailable`. */
  ask<T, E>(
    operation: string,
    meanings: Meanings<E>,
    work: Work<T>,
    repetition: Repetition = 'freely',
  ): ResultAsync<T, E | PortUnavailable> {
    const past = { mayHaveHappened: false };
    return ResultAsync.fromPromise(this.#attempt(work, repetition, past), (cause) => {
      const meaning = meaningOf(meanings, nameOf(cause), messageOf(cause), past.mayHaveHappened);
      return isTrouble(meaning)
        ? portUnavailable('IdentityProvider', operation, withoutValues(cause), isPassing(cause))
        : meaning;
    });
  }

  /** Frees the connections; for hosts that end and for tests. */
  close(): void {
    this.#client.destroy();
  }

  async #attempt<T>(work: Work<T>, repetition: Repetition, past: { mayHaveHappened: boolean }): Promise<T> {
    const outcome = await this.#caller.call(async (abortSignal): Promise<{ value: T } | { cause: unknown }> => {
      try {
        return { value: await work(this.#client, { abortSignal }) };
      } catch (cause) {
        if (!isPassing(cause)) return { cause };
        const hadEffect = !isWithoutEffect(cause);
        if (hadEffect && repetition === 'unless-done') return { cause };
        past.mayHaveHappened ||= hadEffect;
        throw cause;
      }
    });
    if ('cause' in outcome) throw outcome.cause;
    return outcome.value;
  }
}

function isWithoutEffect(cause: unknown): boolean {
  const { code } = cause as { readonly code?: unknown };
  return WITHOUT_EFFECT.has(nameOf(cause)) || (typeof code === 'string' && WITHOUT_EFFECT.has(code));
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : '');
