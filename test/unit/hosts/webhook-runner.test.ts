import { errAsync } from 'neverthrow';
import { mock } from 'node:test';
import type { Logger } from 'pino';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { deliveryId } from '../../../core/webhooks/model.ts';
import type { WebhookStore } from '../../../core/webhooks/ports.ts';
import { EventBell } from '../../../hosts/wiring/event-bell.ts';
import { WebhookRunner, type WebhookRunnerDeps } from '../../../hosts/wiring/webhook-runner.ts';
import { ADA, replacing } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { DELIVERY, deliveryWorld } from '../webhooks/deliveries.ts';

const GRACE_MS = 10_000;
const OK = { status: 200, error: null };

type World = Awaited<ReturnType<typeof deliveryWorld>>;

/** Keeps what is logged, and lets a test wait for a line. */
function keptLog() {
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  const write =
    (level: string) =>
    (_fields: unknown, message: string): void => {
      lines.push(`${level} ${message}`);
      waiting.get(message)?.();
    };
  const logger = { info: write('info'), warn: write('warn'), error: write('error') } as unknown as Logger;
  const said = (message: string): Promise<void> =>
    new Promise((resolve) => {
      if (lines.some((line) => line.endsWith(` ${message}`))) resolve();
      else waiting.set(message, resolve);
    });
  return { logger, lines, said };
}

function runnerOf(world: World, changes: Partial<WebhookRunnerDeps> = {}) {
  const log = keptLog();
  const bell = new EventBell();
  const runner = new WebhookRunner({ ...world.ports, logger: log.logger, bell, attemptsAtOnce: 1, ...changes });
  return { ...log, bell, runner };
}

test('the runner sends what is due, and what is told of while it waits, and ends when it is stopped', async () => {
  const world = await deliveryWorld(() => OK);
  const { runner, bell, said, lines } = runnerOf(world);
  runner.start();
  runner.start();
  await said('webhook delivered');
  lines.length = 0;
  valueOf(await world.webhooks.addDelivery({ ...DELIVERY, deliveryId: deliveryId('msg_2') }));
  bell.ring(ADA);
  await said('webhook delivered');
  await runner.stop(GRACE_MS);
  assert.equal(
    world.sent.map(({ headers }) => headers['webhook-id']),
    ['msg_1', 'msg_2'],
  );
});

test('stopping lets the attempt in hand finish, and takes nothing more', async () => {
  let answer: () => void = () => undefined;
  let asked: () => void = () => undefined;
  const sending = new Promise<void>((resolve) => (asked = resolve));
  const world = await deliveryWorld(
    () =>
      new Promise((resolve) => {
        answer = () => {
          resolve(OK);
        };
        asked();
      }),
  );
  valueOf(await world.webhooks.addDelivery({ ...DELIVERY, deliveryId: deliveryId('msg_2') }));
  const { runner, lines } = runnerOf(world);
  runner.start();
  await sending;
  const stopped = runner.stop(GRACE_MS);
  answer();
  await stopped;
  assert.equal(lines, ['info webhook delivered']);
  assert.is((await world.kept()).status, 'delivered');
  assert.is(world.sent.length, 1);
});

test('an attempt that does not end in time is left, and its lease brings it back', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let asked: () => void = () => undefined;
    const sending = new Promise<void>((resolve) => (asked = resolve));
    const world = await deliveryWorld(() => {
      asked();
      return new Promise(() => undefined);
    });
    const { runner, lines } = runnerOf(world);
    runner.start();
    await sending;
    const stopped = runner.stop(GRACE_MS);
    mock.timers.tick(GRACE_MS);
    await stopped;
    assert.equal(lines, ['warn a webhook was left unfinished; it will be sent again']);
    assert.is((await world.kept()).status, 'pending');
  } finally {
    mock.timers.reset();
  }
});

test('a delivery that is handed out while the runner is told to stop is given back', async () => {
  const world = await deliveryWorld(() => OK);
  const claims = world.webhooks;
  let stopping: Promise<void> = Promise.resolve();
  const stop: { now: () => void } = { now: () => undefined };
  const webhooks: WebhookStore = replacing<WebhookStore>(claims, {
    claimDue: (...args) => {
      stop.now();
      return claims.claimDue(...args);
    },
  });
  const { runner } = runnerOf(world, { webhooks });
  stop.now = () => {
    stopping = runner.stop(GRACE_MS);
  };
  runner.start();
  await new Promise((resolve) => setImmediate(resolve));
  await stopping;
  assert.equal(world.sent, []);
  assert.is((await world.kept()).dueAtMs, world.clock.nowMs);
});

test('failures are told apart in the log', async () => {
  const world = await deliveryWorld(() => ({ status: 500, error: 'status' }));
  const failing = runnerOf(world);
  failing.runner.start();
  await failing.said('webhook postponed');
  await failing.runner.stop(GRACE_MS);

  const gone = await deliveryWorld(() => ({ status: 410, error: 'status' }));
  const given = runnerOf(gone);
  given.runner.start();
  await given.said('webhook failed');
  await given.runner.stop(GRACE_MS);

  const lost: World = await deliveryWorld(async () => {
    valueOf(await lost.webhooks.eraseOwner(ADA));
    return OK;
  });
  const losing = runnerOf(lost);
  losing.runner.start();
  await losing.said('webhook delivery was changed while it was sent');
  await losing.runner.stop(GRACE_MS);
});

test('a store that does not answer, and a bug, are logged and end nothing', async () => {
  const down = errAsync(portUnavailable('WebhookStore', 'any', 'planted'));
  const world = await deliveryWorld(() => OK);
  const mute = runnerOf(world, {
    webhooks: replacing<WebhookStore>(world.webhooks, { claimDue: () => down }),
  });
  mute.runner.start();
  await mute.said('the store of webhooks does not answer');
  await mute.runner.stop(GRACE_MS);

  const deaf = runnerOf(world, { webhooks: replacing<WebhookStore>(world.webhooks, { settle: () => down }) });
  deaf.runner.start();
  await deaf.said('what came of a webhook could not be written down');
  await deaf.runner.stop(GRACE_MS);

  const broken = await deliveryWorld(() => OK);
  const sign = (): never => {
    throw new TypeError('a bug');
  };
  const buggy = runnerOf(broken, { signer: { ...broken.ports.signer, sign } });
  buggy.runner.start();
  await buggy.said('unexpected error in a webhook');
  await buggy.runner.stop(GRACE_MS);
  await new WebhookRunner({ ...broken.ports, logger: buggy.logger, bell: buggy.bell }).stop(GRACE_MS);
});

test('a store that throws ends neither the runner nor the process', async () => {
  const world = await deliveryWorld(() => OK);
  let isBroken = true;
  const webhooks = replacing<WebhookStore>(world.webhooks, {
    claimDue: (...asked) => {
      if (isBroken) throw new TypeError('a bug in an adapter');
      return world.webhooks.claimDue(...asked);
    },
  });
  const { runner, bell, said } = runnerOf(world, { webhooks });
  runner.start();
  await said('unexpected error in the webhook runner');
  isBroken = false;
  bell.ring(ADA);
  await said('webhook delivered');
  await runner.stop(GRACE_MS);
});

test.run();
