import { get } from 'node:http';
import { mock } from 'node:test';
import { okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as t from 'io-ts';
import { CallsInHand } from '../../../hosts/express/http/calls-in-hand.ts';
import { withKernel, type KernelOperation } from './kernel-app.ts';

const calls = suite('calls in hand');

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Something to wait for, which the test ends. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

calls('nothing in hand has ended', async () => {
  assert.is(await new CallsInHand().ended(1), true);
});

calls('what fails has ended, too, and fails for whoever waits for it', async () => {
  const inHand = new CallsInHand();
  const failing = gate();
  const work = inHand.add(failing.opened.then(() => Promise.reject(new Error('no'))));
  const ended = inHand.ended(60_000);
  failing.open();
  assert.is(await work.catch((error: unknown) => String(error)), 'Error: no');
  assert.is(await ended, true);
});

calls('what begins while others are waited for is waited for as well', async () => {
  const inHand = new CallsInHand();
  const [first, second] = [gate(), gate()];
  let hasEnded = false;
  void inHand.add(first.opened.then(() => void inHand.add(second.opened)));
  const ended = inHand.ended(60_000).then((answer) => {
    hasEnded = true;
    return answer;
  });
  first.open();
  await nextTurn();
  assert.is(hasEnded, false);
  second.open();
  assert.is(await ended, true);
});

calls('what does not end is not waited for without end', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const inHand = new CallsInHand();
    void inHand.add(gate().opened);
    const ended = inHand.ended(1000);
    mock.timers.tick(1000);
    assert.is(await ended, false);
  } finally {
    mock.timers.reset();
  }
});

const work = gate();
const begun = gate();
const SLOW: KernelOperation = {
  route: {
    ...({ method: 'GET', auth: 'none', audit: 'none', tag: 'Test', summary: 'A test', problems: [] } as const),
    path: '/slow',
    responses: { 200: { kind: 'json', description: 'Done.', codec: t.type({}) } },
  },
  endpoint: () => {
    begun.open();
    return ResultAsync.fromSafePromise(work.opened).andThen(() => okAsync({ status: 200, body: {} } as never));
  },
};
const inHand = new CallsInHand();

calls(
  'a call whose client has gone is in hand until its work has ended',
  withKernel(
    () => ({ slow: SLOW }),
    async ({ url }) => {
      const request = get(`${url}/slow`);
      request.on('error', () => undefined);
      const closed = new Promise((resolve) => request.once('close', resolve));
      await begun.opened;
      request.destroy();
      await closed;
      let hasEnded = false;
      const ended = inHand.ended(60_000).then((answer) => {
        hasEnded = true;
        return answer;
      });
      await nextTurn();
      assert.is(hasEnded, false);
      work.open();
      assert.is(await ended, true);
    },
    { inHand },
  ),
);

calls.run();
