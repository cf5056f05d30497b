import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Narrative } from '../../../core/insights/model.ts';
import type { Narrator } from '../../../core/insights/ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { breakingNarrator, FAILURES_TO_OPEN, OPEN_MS } from '../../../hosts/wiring/narrator-breaker.ts';
import { SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const REQUEST = { facts: [], notComputed: [], insightType: 'sleep', includeRecommendations: false };
const NARRATIVE = { generator: 'rules', narrative: 'well slept' } as unknown as Narrative;
const DOWN = portUnavailable('Narrator', 'narrate', 'down');

/** A narrator that answers while it is told to, behind a breaker. */
function guarded() {
  const clock = new SettableClock();
  const narrator = { answers: false, asked: 0 };
  const changes: boolean[] = [];
  const asked: Narrator = {
    narrate: () => {
      narrator.asked += 1;
      return narrator.answers ? okAsync(NARRATIVE) : errAsync(DOWN);
    },
  };
  const breaker = breakingNarrator(asked, { clock, changed: (isOpen) => changes.push(isOpen) });
  const fail = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) errorOf(await breaker.narrate(REQUEST));
  };
  return { clock, narrator, changes, breaker, fail };
}

test('a narrator that fails again and again is left alone, and whoever asks is told so at once', async () => {
  const { narrator, changes, breaker, fail } = guarded();
  await fail(FAILURES_TO_OPEN - 1);
  assert.equal(changes, []);
  await fail(1);
  assert.equal(changes, [true]);
  narrator.answers = true;
  const refused = errorOf(await breaker.narrate(REQUEST));
  assert.is(refused.retryable, true);
  assert.match(refused.cause, 'left alone');
  assert.is(narrator.asked, FAILURES_TO_OPEN);
});

test('after the pause one call tries, and where it is answered so are all others', async () => {
  const { clock, narrator, changes, breaker, fail } = guarded();
  await fail(FAILURES_TO_OPEN);
  narrator.answers = true;
  clock.nowMs += OPEN_MS;
  const [tried, meanwhile] = await Promise.all([breaker.narrate(REQUEST), breaker.narrate(REQUEST)]);
  assert.is(valueOf(tried), NARRATIVE);
  assert.match(errorOf(meanwhile).cause, 'left alone');
  assert.equal(changes, [true, false]);
  assert.is(valueOf(await breaker.narrate(REQUEST)), NARRATIVE);
});

test('a try that fails begins another pause, of which nobody is told anew', async () => {
  const { clock, narrator, changes, fail } = guarded();
  await fail(FAILURES_TO_OPEN);
  clock.nowMs += OPEN_MS;
  await fail(2);
  assert.is(narrator.asked, FAILURES_TO_OPEN + 1);
  assert.equal(changes, [true]);
});

test('failures with an answer between them open nothing', async () => {
  const { narrator, changes, breaker, fail } = guarded();
  for (let i = 0; i < 3; i++) {
    narrator.answers = false;
    await fail(FAILURES_TO_OPEN - 1);
    narrator.answers = true;
    valueOf(await breaker.narrate(REQUEST));
  }
  assert.equal(changes, []);
});

test.run();
