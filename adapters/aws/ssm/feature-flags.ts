import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { EVERYTHING_OFF, type Feature, type FeatureShares } from '../../../core/flags/model.ts';
import type { FeatureFlags, FlagState } from '../../../core/flags/ports.ts';
import { readShares, writtenShares } from '../../../core/flags/read-shares.ts';
import { hasFeature } from '../../../core/flags/share-of-people.ts';
import type { Clock, EpochMs } from '../../../core/kernel/clock.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable, type AwsCaller } from '../aws-caller.ts';
import { clientConfig, type AwsSettings } from '../settings.ts';

export interface SsmFeatureFlagsDeps {
  readonly settings: AwsSettings;
  /** Name or ARN of a parameter of the type String, with a text that `readShares` understands. */
  readonly parameter: string;
  readonly caller: AwsCaller;
  readonly digest: Digest;
  readonly clock: Clock;
  /** What holds until the parameter has been read once; null: nothing is on until then. */
  readonly untilRead: FeatureShares | null;
  /** What was read longer ago than this is stale. */
  readonly staleAfterMs: number;
}

/**
 * Flags in a parameter of AWS Systems Manager. `refresh` is to be called again and again; between two calls, and when the
 * parameter cannot be read or understood, what was read last holds.
 */
export class SsmFeatureFlags implements FeatureFlags {
  readonly #client: SSMClient;
  readonly #deps: SsmFeatureFlagsDeps;
  #read: { readonly shares: FeatureShares; readonly atMs: EpochMs } | null = null;

  constructor(deps: SsmFeatureFlagsDeps) {
    this.#client = new SSMClient(clientConfig(deps.settings, 'ssm'));
    this.#deps = deps;
  }

  isOn(feature: Feature, user: UserId | null): boolean {
    return hasFeature(this.#deps.digest, this.#shares(), feature, user);
  }

  state(): FlagState {
    const { clock, staleAfterMs, untilRead } = this.#deps;
    const readAtMs = this.#read?.atMs ?? null;
    const isFresh = readAtMs !== null && clock.now() - readAtMs <= staleAfterMs;
    const isGuess = readAtMs === null && untilRead === null;
    return { shares: this.#shares(), readAtMs, freshness: isFresh ? 'current' : isGuess ? 'unread' : 'stale' };
  }

  /** Reads the parameter; whether the flags are others now. A text that is not understood changes nothing. */
  refresh(): ResultAsync<boolean, PortUnavailable> {
    const { caller, clock, parameter } = this.#deps;
    const command = new GetParameterCommand({ Name: parameter });
    const sent = caller.call((abortSignal) => this.#client.send(command, { abortSignal }));
    return orUnavailable('FeatureFlags', 'read', sent).andThen(({ Parameter: found }) =>
      readShares(found?.Value ?? '').match(
        (shares) => {
          const before = writtenShares(this.#shares());
          this.#read = { shares, atMs: clock.now() };
          return okAsync(writtenShares(shares) !== before);
        },
        ({ part }) =>
          errAsync(portUnavailable('FeatureFlags', 'read', `not understood in the parameter: ${part}`, false)),
      ),
    );
  }

  close(): void {
    this.#client.destroy();
  }

  #shares(): FeatureShares {
    return this.#read?.shares ?? this.#deps.untilRead ?? EVERYTHING_OFF;
  }
}
