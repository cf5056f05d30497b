import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AfterAnswer } from '../../../adapters/local-identity/after-answer.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';

function watched() {
  const failures: PortUnavailable[] = [];
  return { failures, after: new AfterAnswer((error) => failures.push(error)) };
}

test('work does not begin before the turn that asked for it is over, promises included', async () => {
  const { after } = watched();
  let begun = false;
  after.do('work', () => {
    begun = true;
    return okAsync(undefined);
  });
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
  assert.is(begun, false);
  await after.settled();
  assert.is(begun, true);
});

test('settling waits for work that other work asks for', async () => {
  const { after } = watched();
  const done: string[] = [];
  after.do('first', () => {
    after.do('second', () => {
      done.push('second');
      return okAsync(undefined);
    });
    done.push('first');
    return okAsync(undefined);
  });
  await after.settled();
  assert.equal(done, ['first', 'second']);
  await after.settled();
});

test('what fails is told, and keeps nothing else from being done', async () => {
  const { after, failures } = watched();
  const down = portUnavailable('Mailer', 'send', 'down');
  let done = 0;
  after.do('a', () => errAsync(down));
  after.do('b', () => {
    throw new RangeError('a bug');
  });
  after.do('c', () => okAsync((done += 1)));
  await after.settled();
  assert.is(done, 1);
  assert.equal(failures[0], down);
  assert.equal([failures[1]?.operation, failures[1]?.cause, failures[1]?.retryable], ['b', 'RangeError: a bug', false]);
});

test('a few are done at a time, and of too many the last are turned away and told', async () => {
  const { after, failures } = watched();
  let running = 0;
  let most = 0;
  let done = 0;
  for (let i = 0; i < 1010; i += 1) {
    after.do('send a mail', () => {
      running += 1;
      most = Math.max(most, running);
      return ResultAsync.fromSafePromise(Promise.resolve()).map(() => {
        running -= 1;
        done += 1;
      });
    });
  }
  await after.settled();
  assert.ok(most <= 4, `${most}`);
  assert.is(done + failures.length, 1010);
  assert.ok(done >= 1000, `${done}`);
  for (const { operation, retryable } of failures) assert.equal([operation, retryable], ['send a mail', true]);
});

test.run();
