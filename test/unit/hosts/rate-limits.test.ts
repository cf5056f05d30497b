import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_RATE_LIMITS } from '../../../core/limits/model.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { errorOf, valueOf } from '../result-values.ts';

const limitsOf = (text: string) => valueOf(readConfig({ RATE_LIMITS: text })).rateLimits;

test('what is not named keeps its default', () => {
  assert.equal(limitsOf(''), DEFAULT_RATE_LIMITS);
  assert.equal(limitsOf('register=7/d'), { ...DEFAULT_RATE_LIMITS, register: { calls: 7, windowMs: 86_400_000 } });
  assert.equal(limitsOf(' login = 3/s , step-analysis=9/min '), {
    ...DEFAULT_RATE_LIMITS,
    login: { calls: 3, windowMs: 1000 },
    'step-analysis': { calls: 9, windowMs: 60_000 },
  });
});

test('the multiplier raises or lowers all of them, and leaves at least one call', () => {
  const raised = limitsOf('upload=200/h,multiplier=10');
  assert.equal(raised?.upload, { calls: 2000, windowMs: 3_600_000 });
  assert.equal(raised?.register, { calls: 50, windowMs: 3_600_000 });
  assert.equal(limitsOf('multiplier=0.1')?.default, { calls: 100, windowMs: 3_600_000 });
  assert.equal(limitsOf('multiplier=0.01')?.register, { calls: 1, windowMs: 3_600_000 });
  assert.is(limitsOf('default=999999999/s,multiplier=1000000')?.default.calls, 1_000_000_000);
});

test('limits can be turned off, but not in production', () => {
  assert.is(limitsOf('off'), null);
  const [problem, ...others] = errorOf(readConfig({ RATE_LIMITS: 'off', ENVIRONMENT: 'production' }));
  assert.equal([problem?.variable, others], ['RATE_LIMITS', []]);
  assert.match(problem?.message ?? '', 'does not start without limits');
  assert.equal(valueOf(readConfig({ ENVIRONMENT: 'production' })).rateLimits, DEFAULT_RATE_LIMITS);
});

for (const text of [
  'on',
  'register',
  'register=5',
  'register=0/h',
  'register=5/w',
  'register=5/h=3',
  'register=5/h,register=6/h',
  'none=5/h',
  'everything=5/h',
  'multiplier=0',
  'multiplier=-1',
  'multiplier=1e3',
  'multiplier=1000001',
  'register=5/h,,login=3/min',
  'off,register=5/h',
  'register=1.5/h',
]) {
  test(`${text} is refused`, () => {
    for (const ENVIRONMENT of ['development', 'production']) {
      const [problem] = errorOf(readConfig({ RATE_LIMITS: text, ENVIRONMENT }));
      assert.is(problem?.variable, 'RATE_LIMITS');
      assert.match(problem?.message ?? '', /^expected limits such as /);
    }
  });
}

test.run();
