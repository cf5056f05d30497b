import type { Logger } from 'pino';
import { ConfiguredFeatureFlags } from '../../adapters/configuration/feature-flags.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { EVERYTHING_ON } from '../../core/flags/model.ts';
import type { FeatureFlags } from '../../core/flags/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ResultAsync } from 'neverthrow';
import type { Config } from './config.ts';

/** How often a parameter is looked at: a change is known everywhere after this long, and one look. */
const LOOK_MS = 30_000;
/** Ten looks that failed. */
const STALE_AFTER_MS = 300_000;

/** Flags that are kept up to date until they are closed. */
export interface OpenFlags {
  readonly flags: FeatureFlags;
  readonly close: () => void;
}

/** Those of the parameter where there is one, those of the settings otherwise. The parameter is read once before this resolves. */
export async function openFlags(
  config: Pick<Config, 'features' | 'featureFlagsParameter' | 'awsSettings'>,
  logger: Logger,
): Promise<OpenFlags> {
  const { features, featureFlagsParameter: parameter, awsSettings: settings } = config;
  if (parameter === null) {
    return { flags: new ConfiguredFeatureFlags(features ?? EVERYTHING_ON, nodeDigest), close: () => undefined };
  }
  // The SDK is loaded only where it is used.
  const [{ SsmFeatureFlags }, { AwsCaller }] = await Promise.all([
    import('../../adapters/aws/ssm/feature-flags.ts'),
    import('../../adapters/aws/aws-caller.ts'),
  ]);
  const flags = new SsmFeatureFlags({
    settings,
    parameter,
    caller: new AwsCaller(),
    digest: nodeDigest,
    clock: systemClock,
    untilRead: features,
    staleAfterMs: STALE_AFTER_MS,
  });
  const stop = await keepRefreshed(flags, logger, LOOK_MS);
  return {
    flags,
    close: () => {
      stop();
      flags.close();
    },
  };
}

/** What can be asked to look again. */
export interface Refreshable {
  /** Whether anything has changed. */
  readonly refresh: () => ResultAsync<boolean, PortUnavailable>;
}

/** Looks once, then again whenever the time since the last look is over, until the function that it answers is called. */
export async function keepRefreshed(flags: Refreshable, logger: Logger, everyMs: number): Promise<() => void> {
  let isLost = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    (await flags.refresh()).match(
      (hasChanged) => {
        if (isLost) logger.info('the feature flags can be read again');
        if (hasChanged) logger.info('the feature flags have changed');
        isLost = false;
      },
      (error) => {
        if (!isLost) logger.warn(error, 'the feature flags could not be read, and stay what they were');
        isLost = true;
      },
    );
    // A look that takes long is never overtaken by the next.
    if (!isStopped) timer = setTimeout(() => void look(), everyMs).unref();
  };
  await look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
