import fc from 'fast-check';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { WorkQueue } from '../../../adapters/local-identity/work-queue.ts';

/** Work that waits until the test lets it end. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, work: () => ResultAsync.fromSafePromise(opened) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('work answers with its own value or its own error', async () => {
  const queue = new WorkQueue({ concurrent: 1, maxWaiting: 0 });
  assert.is(valueOf(await queue.run(() => okAsync(7))), 7);
  assert.is(errorOf(await queue.run(() => errAsync('no'))), 'no');
});

test('work beyond the limit waits, and starts in the order it came', async () => {
  const queue = new WorkQueue({ concurrent: 2, maxWaiting: 10 });
  const gates = [gate(), gate(), gate(), gate()];
  const started: number[] = [];
  const all = gates.map(({ work }, index) =>
    queue.run(() => {
      started.push(index);
      return work();
    }),
  );
  await settled();
  assert.equal(started, [0, 1]);
  gates[1]?.open();
  await settled();
  assert.equal(started, [0, 1, 2]);
  gates[0]?.open();
  await settled();
  assert.equal(started, [0, 1, 2, 3]);
  for (const { open } of gates) open();
  assert.ok((await ResultAsync.combine(all)).isOk());
});

test('work that finds the waiting room full is turned away without being started', async () => {
  const queue = new WorkQueue({ concurrent: 1, maxWaiting: 1 });
  const { open, work } = gate();
  const running = queue.run(work);
  const waiting = queue.run(() => okAsync('waited'));
  let started = false;
  const refused = await queue.run(() => {
    started = true;
    return okAsync('never');
  });
  assert.equal(errorOf(refused), { kind: 'queue-full' });
  assert.is(started, false);
  open();
  await running;
  assert.is(valueOf(await waiting), 'waited');
});

test('work that throws gives its place back', async () => {
  const queue = new WorkQueue({ concurrent: 1, maxWaiting: 1 });
  const bug = queue.run(() => {
    throw new Error('a bug');
  });
  const next = queue.run(() => okAsync('next'));
  let message = '';
  try {
    await bug;
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, 'a bug');
  assert.is(valueOf(await next), 'next');
});

test('never more than the limit runs at once, and all that is accepted is done', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 40 }),
      async (concurrent, maxWaiting, turns) => {
        const queue = new WorkQueue({ concurrent, maxWaiting });
        let running = 0;
        let most = 0;
        const outcomes = await Promise.all(
          turns.map((count) =>
            queue.run(async () => {
              running += 1;
              most = Math.max(most, running);
              for (let turn = 0; turn < count; turn += 1) await settled();
              running -= 1;
              return okAsync(count);
            }),
          ),
        );
        const accepted = Math.min(turns.length, concurrent + maxWaiting);
        assert.is(outcomes.filter((outcome) => outcome.isOk()).length, accepted);
        assert.is(most, Math.min(concurrent, turns.length));
      },
    ),
    { numRuns: 50 },
  );
});

test('a queue without room for any work cannot be made', () => {
  assert.throws(() => new WorkQueue({ concurrent: 0, maxWaiting: 1 }), /needs room/);
  assert.throws(() => new WorkQueue({ concurrent: Number.NaN, maxWaiting: 1 }), /needs room/);
  assert.throws(() => new WorkQueue({ concurrent: 1, maxWaiting: -1 }), /needs room/);
});

test.run();
