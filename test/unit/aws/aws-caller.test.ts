import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AwsCaller,
  type AwsCallerOptions,
  isFault,
  isPassing,
  nameOf,
  orUnavailable,
  PartlyDone,
  Unprocessed,
} from '../../../adapters/aws/aws-caller.ts';
import { errorOf, valueOf } from '../result-values.ts';

const named = (name: string, more: object = {}): Error => Object.assign(new Error(`${name} it is`), { name }, more);

/** A caller on a clock of its own, which only its waits move. */
function callerOf(options: AwsCallerOptions = {}): {
  caller: AwsCaller;
  waits: number[];
  passMs: (ms: number) => void;
} {
  let nowMs = 1000;
  const waits: number[] = [];
  const passMs = (ms: number): void => {
    nowMs += ms;
  };
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    passMs(ms);
  };
  return { caller: new AwsCaller({ random: () => 0.5, wait, nowMs: () => nowMs, ...options }), waits, passMs };
}

const rejection = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.unreachable('it should have failed'),
    (cause: unknown) => cause,
  );

/** Fails so many times, then answers how often it was called. */
const failing = (times: number, cause: unknown): (() => Promise<number>) => {
  let calls = 0;
  return async () => {
    if (++calls <= times) throw cause;
    return calls;
  };
};

const test = suite('aws caller');

test('what works the first time is called once and never waited for', async () => {
  const { caller, waits } = callerOf();
  assert.is(await caller.call(failing(0, null)), 1);
  assert.equal(waits, []);
});

test('passing trouble is tried again up to five times in all', async () => {
  const { caller } = callerOf();
  assert.is(await caller.call(failing(4, named('ThrottlingException'))), 5);
  const last = named('SlowDown');
  let calls = 0;
  const cause = await rejection(
    caller.call(async () => {
      calls++;
      throw last;
    }),
  );
  assert.is(cause, last);
  assert.is(calls, 5);
});

test('waits are a random part of twice the one before, and of two seconds at most', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (part) => {
      const { caller, waits } = callerOf({ random: () => part, mostTries: 9, deadlineMs: 1e9 });
      await caller.call(failing(8, named('Throttling')));
      assert.equal(
        waits,
        [50, 100, 200, 400, 800, 1600, 2000, 2000].map((most) => part * most),
      );
    }),
  );
});

test('no try begins after the deadline', async () => {
  const { caller, waits, passMs } = callerOf();
  let calls = 0;
  const cause = named('TimeoutError');
  const work = async (): Promise<never> => {
    calls++;
    passMs(4000);
    throw cause;
  };
  assert.is(await rejection(caller.call(work)), cause);
  assert.is(calls, 3);
  assert.is(waits.length, 2);
});

test('every try has its own signal, which is not aborted when the try begins', async () => {
  const { caller } = callerOf();
  const signals: AbortSignal[] = [];
  await caller.call(async (signal) => {
    assert.not(signal.aborted);
    signals.push(signal);
    if (signals.length < 3) throw named('TimeoutError');
  });
  assert.is(new Set(signals).size, 3);
});

test('a try that takes longer than it may is aborted, and tried again', async () => {
  const caller = new AwsCaller({ tryMs: 1, wait: async () => undefined });
  let calls = 0;
  const answer = await caller.call(async (signal) => {
    if (++calls === 2) return 'in time';
    // The signal's own timer does not keep a process alive.
    const alive = setInterval(() => undefined, 1000);
    return new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => {
        clearInterval(alive);
        reject(signal.reason as Error);
      });
    });
  });
  assert.equal([answer, calls], ['in time', 2]);
});

test('what will not pass is not tried again', async () => {
  for (const name of ['AccessDeniedException', 'ValidationException', 'ConditionalCheckFailedException']) {
    const { caller, waits } = callerOf();
    const cause = named(name, { $metadata: { httpStatusCode: 400 } });
    assert.is(await rejection(caller.call(failing(1, cause))), cause);
    assert.equal(waits, [], name);
  }
});

test('throttling, trouble of the service, of the network and of an answer pass; refusals and bugs do not', () => {
  const passing: readonly unknown[] = [
    named('ProvisionedThroughputExceededException', { $metadata: { httpStatusCode: 400 } }),
    named('RequestLimitExceeded'),
    named('Unknown', { $metadata: { httpStatusCode: 503 } }),
    named('Unknown', { $metadata: { httpStatusCode: 429 } }),
    named('Error', { $response: { statusCode: 502 } }),
    named('Error', { code: 'ECONNRESET' }),
    named('Error', { code: 'EAI_AGAIN' }),
    new SyntaxError('Unexpected end of JSON input'),
    Object.assign(new TypeError('of undefined'), { $response: { statusCode: 200 } }),
    new Unprocessed(1, 2),
    named('Contended'),
    new PartlyDone('half', named('SlowDown')),
  ];
  for (const cause of passing) assert.is(isPassing(cause), true, String(cause));
  const lasting: readonly unknown[] = [
    named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }),
    named('ResourceNotFoundException', { $metadata: { httpStatusCode: 404 } }),
    named('Error', { code: 'ERR_INVALID_URL' }),
    new TypeError('of undefined'),
    new PartlyDone('half', named('AccessDeniedException')),
    new PartlyDone('half', 'text'),
    'text',
    undefined,
    null,
  ];
  for (const cause of lasting) assert.is(isPassing(cause), false, String(cause));
});

test('of a batch, what was left is asked for again until nothing is left', async () => {
  const { caller, waits } = callerOf();
  const asked: (readonly number[])[] = [];
  await caller.callUntilEmpty([1, 2, 3, 4], async (items) => {
    asked.push(items);
    return items.slice(2);
  });
  assert.equal(asked, [
    [1, 2, 3, 4],
    [3, 4],
  ]);
  assert.equal(waits, [25]);
});

test('trouble in the middle of a batch asks again for what was left before it', async () => {
  const { caller } = callerOf();
  const asked: (readonly number[])[] = [];
  await caller.callUntilEmpty([1, 2, 3], async (items) => {
    asked.push(items);
    if (asked.length === 2) throw named('InternalServerError');
    return items.slice(1);
  });
  assert.equal(asked, [[1, 2, 3], [2, 3], [2, 3], [3]]);
});

test('what stays unprocessed is told, not dropped', async () => {
  const { caller, waits } = callerOf();
  const cause = await rejection(caller.callUntilEmpty(['a', 'b', 'c'], async () => ['c']));
  assert.instance(cause, Unprocessed);
  assert.is((cause as Error).message, '1 of 3 items were not processed');
  assert.is(waits.length, 4);
});

test('a pause is a random part of a wait that grows with the tries', async () => {
  const { caller, waits } = callerOf();
  for (const tries of [1, 2, 7, 20]) await caller.pause(tries);
  assert.equal(waits, [25, 50, 1000, 1000]);
});

test('without options it waits on the clock of the machine', async () => {
  const caller = new AwsCaller({ random: () => 0 });
  assert.is(await caller.call(failing(1, named('SlowDown'))), 2);
});

test('trouble becomes an error of the port that says whether to try again', async () => {
  const failed = async (cause: unknown) =>
    errorOf(await orUnavailable('SampleStore', 'read', Promise.reject(cause as Error)));
  const about = { kind: 'port-unavailable', port: 'SampleStore', operation: 'read' };
  assert.equal(await failed(named('SlowDown')), { ...about, cause: 'SlowDown: SlowDown it is', retryable: true });
  assert.equal(await failed(named('AccessDenied')), {
    ...about,
    cause: 'AccessDenied: AccessDenied it is',
    retryable: false,
  });
  assert.is(valueOf(await orUnavailable('SampleStore', 'read', Promise.resolve(7))), 7);
});

test('a fault of the program stays one, unless it came of reading an answer', async () => {
  for (const fault of [new RangeError('broken'), new TypeError('broken')]) {
    assert.is(isFault(fault), true);
    assert.is(await rejection(Promise.resolve(orUnavailable('SampleStore', 'read', Promise.reject(fault)))), fault);
  }
  const ofAnAnswer = Object.assign(new TypeError('broken'), { $response: {} });
  assert.is(isFault(ofAnAnswer), false);
  assert.is(errorOf(await orUnavailable('SampleStore', 'read', Promise.reject(ofAnAnswer))).retryable, true);
  assert.is(isFault(new Error('other')), false);
});

test('what was done before the end is told with what ended it', () => {
  assert.is(new PartlyDone('1 of 2 done', named('SlowDown')).message, '1 of 2 done: SlowDown: SlowDown it is');
  assert.is(new PartlyDone('1 of 2 done', 'text').message, '1 of 2 done');
});

test('an error has the name that AWS gave it; other things have none', () => {
  assert.is(nameOf(named('SlowDown')), 'SlowDown');
  assert.is(nameOf('SlowDown'), '');
});

test.run();
