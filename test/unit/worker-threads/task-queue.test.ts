import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TaskQueue, type Task } from '../../../adapters/worker-threads/task-queue.ts';

/** A task that ends when the test says so, and tells whether it began and whether it was interrupted. */
function controlled(value: string) {
  let finish: (outcome: string | Error) => void = () => undefined;
  const state = { began: false, interrupted: false };
  const task: Task<string> = (signal) => {
    state.began = true;
    return new Promise((resolve, reject) => {
      finish = (outcome) => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      signal?.addEventListener('abort', () => {
        state.interrupted = true;
        reject(new Error('interrupted'));
      });
    });
  };
  return {
    task,
    state,
    succeed: () => {
      finish(value);
    },
    fail: () => {
      finish(new Error(`${value} failed`));
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (cause) {
    return (cause as Error).message;
  }
};

test('so many tasks run at once, the others in the order in which they came', async () => {
  const queue = new TaskQueue<string>(2, true);
  const [a, b, c] = [controlled('a'), controlled('b'), controlled('c')] as const;
  const first = queue.run([a.task, b.task], []);
  const second = queue.run([c.task], []);
  assert.is(queue.size, 3);
  assert.equal([a.state.began, b.state.began, c.state.began], [true, true, false]);
  b.succeed();
  await settled();
  assert.ok(c.state.began);
  a.succeed();
  c.succeed();
  assert.equal(await first, ['a', 'b']);
  assert.equal(await second, ['c']);
  assert.is(queue.size, 0);
});

test('a call that is given up never begins what waits, and interrupts what runs where that is allowed', async () => {
  const queue = new TaskQueue<string>(1, true);
  const [a, b, c] = [controlled('a'), controlled('b'), controlled('c')] as const;
  const cancel = new AbortController();
  const given = messageOf(queue.run([a.task, b.task], [cancel.signal]));
  const other = queue.run([c.task], []);
  cancel.abort();
  assert.is(await given, 'the call was given up');
  await settled();
  assert.equal([a.state.interrupted, b.state.began, c.state.began], [true, false, true]);
  c.succeed();
  assert.equal(await other, ['c']);
});

test('what must not be interrupted runs to its end with nobody listening', async () => {
  const queue = new TaskQueue<string>(1, false);
  const [a, b] = [controlled('a'), controlled('b')] as const;
  const cancel = new AbortController();
  const given = messageOf(queue.run([a.task], [cancel.signal]));
  const other = queue.run([b.task], []);
  cancel.abort();
  assert.is(await given, 'the call was given up');
  assert.equal([a.state.interrupted, b.state.began], [false, false]);
  a.succeed();
  await settled();
  assert.ok(b.state.began);
  b.succeed();
  assert.equal(await other, ['b']);
});

test('a call whose signal has gone off already begins nothing', async () => {
  const queue = new TaskQueue<string>(1, true);
  const a = controlled('a');
  assert.is(await messageOf(queue.run([a.task], [AbortSignal.abort()])), 'the call was given up');
  assert.not.ok(a.state.began);
  assert.is(queue.size, 0);
});

test('one failure fails its call and what is left of it, and nobody else’s', async () => {
  const queue = new TaskQueue<string>(1, true);
  const [a, b, c] = [controlled('a'), controlled('b'), controlled('c')] as const;
  const failing = messageOf(queue.run([a.task, b.task], []));
  const other = queue.run([c.task], []);
  a.fail();
  assert.is(await failing, 'a failed');
  await settled();
  assert.not.ok(b.state.began);
  c.succeed();
  assert.equal(await other, ['c']);
});

test('idle is once nothing waits and nothing runs', async () => {
  const queue = new TaskQueue<string>(1, true);
  await queue.idle();
  const [a, b] = [controlled('a'), controlled('b')] as const;
  const work = queue.run([a.task, b.task], []);
  let idle = false;
  const waiting = queue.idle().then(() => (idle = true));
  a.succeed();
  await settled();
  assert.not.ok(idle);
  b.succeed();
  await work;
  await waiting;
  assert.ok(idle);
});

test.run();
