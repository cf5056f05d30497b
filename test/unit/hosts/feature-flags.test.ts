import { mock } from 'node:test';
import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { EVERYTHING_OFF, EVERYTHING_ON } from '../../../core/flags/model.ts';
import type { FlagState } from '../../../core/flags/ports.ts';
import { dependenciesOf } from '../../../hosts/express/dependencies.ts';
import { Health } from '../../../hosts/express/health.ts';
import { keepRefreshed, openFlags, type Refreshable } from '../../../hosts/wiring/feature-flags.ts';
import { openLog } from '../../../hosts/wiring/log/open-log.ts';
import { TOKENS } from '../../../hosts/wiring/tokens.ts';
import type { Get } from '../../../hosts/wiring/typed-container.ts';
import { valueOf } from '../result-values.ts';

const flags = suite('feature flags of a process');

function log() {
  const lines: string[] = [];
  const logger = openLog('info', { write: (line) => lines.push(line) });
  return { logger, said: () => lines.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg) };
}

const LOST = errAsync(portUnavailable('FeatureFlags', 'read', 'down'));
const EVERY_MS = 30_000;

flags.before.each(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
});
flags.after.each(() => {
  mock.timers.reset();
});

/** Lets what a timer has begun come to its end. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

flags('they are looked at again and again; changes, losses and returns are told once', async () => {
  const { logger, said } = log();
  const answers: ReturnType<Refreshable['refresh']>[] = [
    okAsync(true),
    okAsync(false),
    LOST,
    LOST,
    okAsync(false),
    okAsync(true),
  ];
  let looks = 0;
  const stop = await keepRefreshed({ refresh: () => answers[looks++] ?? okAsync(false) }, logger, EVERY_MS);
  const heard = [said()];
  while (looks < answers.length) {
    mock.timers.tick(EVERY_MS);
    await settled();
    heard.push(said());
  }
  assert.equal(heard, [
    ['the feature flags have changed'],
    [],
    ['the feature flags could not be read, and stay what they were'],
    [],
    ['the feature flags can be read again'],
    ['the feature flags have changed'],
  ]);
  stop();
  mock.timers.tick(10 * EVERY_MS);
  await settled();
  assert.is(looks, answers.length);
});

flags('without a parameter they are those of the settings, or all on', async () => {
  const awsSettings = { region: null, endpointUrls: {} as never };
  const { logger } = log();
  const closed = { ...EVERYTHING_ON, insights: 0 };
  for (const [features, expected] of [
    [closed, closed],
    [null, EVERYTHING_ON],
  ] as const) {
    const opened = await openFlags({ features, featureFlagsParameter: null, awsSettings }, logger);
    assert.equal(opened.flags.state(), { shares: expected, readAtMs: null, freshness: 'current' });
    opened.close();
  }
});

/** What health says of flags in this state, twelve minutes after the beginning of time. */
async function healthOf(state: FlagState) {
  const given = new Map<symbol, unknown>([
    [TOKENS.flags, { state: () => state }],
    [TOKENS.clock, { now: () => 720_000 }],
  ]);
  const dependencies = dependenciesOf(((token: symbol) => given.get(token)) as Get);
  const { checks } = valueOf(await new Health(dependencies, () => 0).report(['features']));
  return [checks['features']?.status, checks['features']?.message];
}

flags(
  'health tells them, that they are old, and that they were never read, which makes the process unready',
  async () => {
    const shares = { ...EVERYTHING_ON, analysis: 25 };
    const told = 'auth:on,data:on,analysis:25%,insights:on';
    assert.equal(await healthOf({ shares, readAtMs: 1, freshness: 'current' }), ['healthy', told]);
    assert.equal(await healthOf({ shares, readAtMs: 59_000, freshness: 'stale' }), [
      'degraded',
      `${told}; not read for 11 minutes`,
    ]);
    assert.equal(await healthOf({ shares, readAtMs: null, freshness: 'stale' }), ['degraded', `${told}; not read yet`]);
    assert.equal(await healthOf({ shares: EVERYTHING_OFF, readAtMs: null, freshness: 'unread' }), ['unhealthy', null]);
    const [required] = dependenciesOf((() => undefined) as Get).filter(({ name }) => name === 'features');
    assert.is(required?.required, true);
  },
);

flags.run();
