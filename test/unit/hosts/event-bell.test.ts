import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EventBell } from '../../../hosts/wiring/event-bell.ts';
import { ADA, BOB } from '../memory-world.ts';

const NEVER = new AbortController().signal;

/** What has happened of a wait once everything that was ready to happen has. */
async function stateOf(wait: Promise<void>): Promise<'over' | 'waiting'> {
  let state: 'over' | 'waiting' = 'waiting';
  void wait.then(() => (state = 'over'));
  await new Promise((resolve) => setImmediate(resolve));
  return state;
}

test('a ring wakes whoever waits for this person, or for anybody', async () => {
  const bell = new EventBell();
  const ada = bell.wait(ADA, bell.rings, 1e6, NEVER);
  const bob = new AbortController();
  const other = bell.wait(BOB, bell.rings, 1e6, bob.signal);
  const anybody = bell.wait(null, bell.rings, 1e6, NEVER);
  assert.equal([await stateOf(ada), await stateOf(other), await stateOf(anybody)], ['waiting', 'waiting', 'waiting']);
  bell.ring(ADA);
  assert.equal([await stateOf(ada), await stateOf(other), await stateOf(anybody)], ['over', 'waiting', 'over']);
  bob.abort();
  await other;
});

test('what rang between the look and the wait is not missed', async () => {
  const bell = new EventBell();
  const { rings } = bell;
  bell.ring(BOB);
  await bell.wait(ADA, rings, 1e6, NEVER);
});

test('a wait ends with its time, and with its signal', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const bell = new EventBell();
    const timed = bell.wait(ADA, bell.rings, 1000, NEVER);
    mock.timers.tick(999);
    assert.is(await stateOf(timed), 'waiting');
    mock.timers.tick(1);
    assert.is(await stateOf(timed), 'over');
    const cancelled = new AbortController();
    const called = bell.wait(ADA, bell.rings, 1e6, cancelled.signal);
    cancelled.abort();
    assert.is(await stateOf(called), 'over');
    await bell.wait(ADA, bell.rings, 1e6, cancelled.signal);
  } finally {
    mock.timers.reset();
  }
});

test.run();
