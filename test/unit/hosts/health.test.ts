import { mock } from 'node:test';
import { okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { Health, type Dependency, type DependencyState } from '../../../hosts/express/health.ts';
import { failing } from '../auth/identities.ts';
import { valueOf } from '../result-values.ts';

const FINE: DependencyState = { degraded: false, message: null };
const fine = (name: string, required = true): Dependency => ({ name, required, check: () => okAsync(FINE) });
const down = (name: string, required = true): Dependency => ({
  name,
  required,
  check: failing(portUnavailable('Store', 'list', 'secret words of the driver')),
});
const limping = (name: string, required = true): Dependency => ({
  name,
  required,
  check: () => okAsync({ degraded: true, message: 'limps' }),
});
const still = (): number => 0;
const statusOf = async (...dependencies: readonly Dependency[]): Promise<string> =>
  valueOf(await new Health(dependencies, still).report()).status;

test('with every dependency healthy the service is healthy', async () => {
  assert.equal(valueOf(await new Health([fine('database'), fine('model', false)], still).report()), {
    status: 'healthy',
    checks: {
      database: { status: 'healthy', latency_ms: 0, required: true, message: null },
      model: { status: 'healthy', latency_ms: 0, required: false, message: null },
    },
  });
});

test('a required dependency that fails makes the service unhealthy', async () => {
  assert.is(await statusOf(fine('jobs'), down('database')), 'unhealthy');
});

test('an optional dependency that fails makes it degraded', async () => {
  assert.is(await statusOf(fine('database'), down('model', false)), 'degraded');
});

test('a dependency that is degraded, required or not, makes it degraded', async () => {
  assert.is(await statusOf(fine('database'), limping('jobs')), 'degraded');
  assert.is(await statusOf(fine('database'), limping('model', false)), 'degraded');
  assert.is(await statusOf(limping('jobs'), down('database')), 'unhealthy');
});

test('a check tells what the dependency said, but not why it failed', async () => {
  const { checks } = valueOf(await new Health([limping('jobs'), down('database')], still).report());
  assert.is(checks['jobs']?.message, 'limps');
  assert.equal(checks['database'], { status: 'unhealthy', latency_ms: 0, required: true, message: null });
});

test('latency is what the monotonic clock says, in hundredths of a millisecond', async () => {
  const times = [100, 103.14159];
  const health = new Health([fine('database')], () => times.shift() ?? Number.NaN);
  assert.is(valueOf(await health.report()).checks['database']?.latency_ms, 3.14);
});

test('only the named dependencies are asked', async () => {
  let asked = 0;
  const counted: Dependency = { ...fine('database'), check: () => (asked++, okAsync(FINE)) };
  const health = new Health([counted, down('accounts')], still);
  assert.equal(Object.keys(valueOf(await health.report(['database'])).checks), ['database']);
  assert.is(valueOf(await health.of(['database'])), 'healthy');
  assert.is(valueOf(await health.of(['accounts'])), 'unhealthy');
  assert.is(asked, 2);
});

test('in one word, degraded still works', async () => {
  assert.is(valueOf(await new Health([limping('jobs')], still).of(['jobs'])), 'healthy');
});

test('nothing to ask is healthy', async () => {
  assert.equal(valueOf(await new Health([], still).report()), { status: 'healthy', checks: {} });
});

test('a check that throws is an unhealthy dependency', async () => {
  const thrown = ResultAsync.fromSafePromise<DependencyState>(Promise.reject(new Error('a bug')));
  assert.is(await statusOf({ name: 'database', required: true, check: () => thrown }), 'unhealthy');
});

test('a dependency that never answers is unhealthy after the deadline', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const never = ResultAsync.fromSafePromise(new Promise<DependencyState>(() => undefined));
    const report = new Health([{ name: 'database', required: true, check: () => never }], still).report();
    mock.timers.tick(2000);
    assert.is(valueOf(await report).checks['database']?.status, 'unhealthy');
  } finally {
    mock.timers.reset();
  }
});

test.run();
