import { mock } from 'node:test';
import type { uvu } from 'uvu';

/** Holds all timers still while the suite runs; the job runner's pauses end when a test says so. */
export function withStillTimers<Context>(tests: uvu.Test<Context>): void {
  tests.before(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  });
  tests.after(() => {
    mock.timers.reset();
  });
}
