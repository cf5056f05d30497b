import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { eachInFlight } from '../../../adapters/aws/in-flight.ts';
import { KeyedLock } from '../../../adapters/aws/keyed-lock.ts';

/** Work that ends when it is told to, and what began and ended in which order. */
function stepwise(): {
  readonly log: string[];
  readonly work: (name: string) => Promise<string>;
  readonly end: (name: string) => Promise<void>;
} {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  /** Lets everything go on that waits for nothing else. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  return {
    log,
    work: async (name) => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      log.push(`${name} ends`);
      return name;
    },
    end: async (name) => {
      await settle();
      ends.get(name)!();
      await settle();
    },
  };
}

const lock = suite('keyed lock');

lock('work on one key happens one after the other, in the order of the calls', async () => {
  const { log, work, end } = stepwise();
  const keyed = new KeyedLock();
  const all = Promise.all(['a', 'b', 'c'].map((name) => keyed.hold(['key'], () => work(name))));
  for (const name of ['a', 'b', 'c']) await end(name);
  assert.equal(await all, ['a', 'b', 'c']);
  assert.equal(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

lock('work on other keys does not wait', async () => {
  const { log, work, end } = stepwise();
  const keyed = new KeyedLock();
  const all = Promise.all([keyed.hold(['one'], () => work('a')), keyed.hold(['two'], () => work('b'))]);
  await end('b');
  await end('a');
  await all;
  assert.equal(log, ['a begins', 'b begins', 'b ends', 'a ends']);
});

lock('work on several keys waits for all of them, and never for one that waits for it', async () => {
  const { log, work, end } = stepwise();
  const keyed = new KeyedLock();
  const all = Promise.all([
    keyed.hold(['one', 'two'], () => work('a')),
    keyed.hold(['two', 'one'], () => work('b')),
    keyed.hold(['one'], () => work('c')),
  ]);
  for (const name of ['a', 'b', 'c']) await end(name);
  await all;
  assert.equal(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

lock('work that fails tells its caller and lets the next begin', async () => {
  const keyed = new KeyedLock();
  const failed = keyed.hold(['key'], async () => {
    throw new Error('no');
  });
  const next = keyed.hold(['key'], async () => 'next');
  assert.is(await failed.catch((cause: unknown) => (cause as Error).message), 'no');
  assert.is(await next, 'next');
  assert.is(await keyed.hold([], async () => 'nothing held'), 'nothing held');
});

lock.run();

const flight = suite('work in flight');

flight('answers come in the order of the items, and no more than so many are under way', async () => {
  const { log, work, end } = stepwise();
  const all = eachInFlight(2, ['a', 'b', 'c', 'd'], work);
  for (const name of ['b', 'c', 'a', 'd']) await end(name);
  assert.equal(await all, ['a', 'b', 'c', 'd']);
  assert.equal(log.slice(0, 4), ['a begins', 'b begins', 'b ends', 'c begins']);
  let most = 0;
  let under = 0;
  for (const line of log) {
    under += line.endsWith('begins') ? 1 : -1;
    most = Math.max(most, under);
  }
  assert.is(most, 2);
  assert.equal(await eachInFlight(2, [], work), []);
});

flight('after a failure nothing further begins, and what is under way ends first', async () => {
  const { log, work, end } = stepwise();
  const all = eachInFlight(2, ['a', 'b', 'c'], async (name, index) => {
    if (index === 0) throw new Error(`not ${name}`);
    return work(name);
  });
  let failure: unknown;
  const told = all.catch((cause: unknown) => {
    failure = cause;
  });
  await Promise.resolve();
  assert.is(failure, undefined);
  await end('b');
  await told;
  assert.is((failure as Error).message, 'not a');
  assert.equal(log, ['b begins', 'b ends']);
});

flight.run();
