import { mock } from 'node:test';
import { okAsync, ResultAsync } from 'neverthrow';
import type { Logger } from 'pino';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JOB_LEASE_MS } from '../../../core/analysis/run-next-job.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { ExportReader, ExportSummary } from '../../../core/health-data/ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { JobRunner } from '../../../hosts/wiring/job-runner.ts';
import { failing } from '../auth/identities.ts';
import { ADA, bytes, memoryWorld, NOW_MS, readerOf, replacing, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, WATCH } from '../sample-columns.ts';

const STEPS = columnsOf('step_count', [minutesFrom(NOW_MS)(0, 10, 100, WATCH)]);
/** Longer than any job here takes. */
const GRACE_MS = 10_000;
const DOWN = portUnavailable('JobQueue', 'any', 'the database is locked');

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is logged, and lets a test wait for a line. */
function keptLog() {
  const lines: Line[] = [];
  const waiting: { readonly message: string; readonly found: (line: Line) => void }[] = [];
  const write =
    (level: Line['level']) =>
    (fields: Line['fields'], message: string): void => {
      const line = { level, message, fields };
      lines.push(line);
      for (const { message: wanted, found } of waiting) if (wanted === message) found(line);
    };
  const logger = { info: write('info'), warn: write('warn'), error: write('error') } as unknown as Logger;
  const line = (message: string): Promise<Line> =>
    new Promise((found) => {
      const there = lines.find((earlier) => earlier.message === message);
      if (there === undefined) waiting.push({ message, found });
      else found(there);
    });
  return { logger, lines, line };
}

const uploaded = async (world: World): Promise<Upload> =>
  valueOf(await acceptExport(world)({ owner: ADA, content: bytes('<HealthData/>'), limitBytes: 1000, timezone: null }));
const stateOf = async (world: World, { processingId }: Upload): Promise<Upload> =>
  valueOf(await world.uploads.get(ADA, processingId));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs the test with a clock for timers that stands still until it is told to go on. */
const withStillTimers = (run: () => Promise<void>) => async (): Promise<void> => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  try {
    await run();
  } finally {
    mock.timers.reset();
  }
};

test('the runner works off every job that waits, and ends when it is stopped', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const uploads = [await uploaded(world), await uploaded(world), await uploaded(world)];
  const { logger, lines } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  runner.start();
  while (lines.length < 3) await settled();
  await runner.stop(GRACE_MS);
  assert.equal(
    lines.map(({ level, message }) => [level, message]),
    Array.from({ length: 3 }, () => ['info', 'job done']),
  );
  for (const upload of uploads) assert.is((await stateOf(world, upload)).status, 'completed');
});

test('starting twice runs one loop', async () => {
  let claims = 0;
  const world = memoryWorld();
  const queue = replacing(world.queue, { claim: (...args) => (claims++, world.queue.claim(...args)) });
  const runner = new JobRunner({ ...world, queue, logger: keptLog().logger });
  runner.start();
  runner.start();
  await settled();
  await runner.stop(GRACE_MS);
  assert.is(claims, 1);
});

test('a runner that was stopped takes no further job, and stopping one that never ran is fine', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const { logger, lines } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  await runner.stop(GRACE_MS);
  const upload = await uploaded(world);
  runner.start();
  await settled();
  assert.equal(lines, []);
  assert.is((await stateOf(world, upload)).status, 'processing');
});

/** A reader that answers only when the test lets it. */
function heldReader() {
  let letGo: () => void = () => undefined;
  let started: () => void = () => undefined;
  const reading = new Promise<void>((resolve) => (started = resolve));
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const exports: ExportReader = {
    read: (file, sink) => {
      started();
      return ResultAsync.fromSafePromise(held).andThen(() => readerOf([STEPS]).read(file, sink));
    },
  };
  return { exports, reading, letGo: () => letGo() };
}

test('stopping lets the job in hand finish', async () => {
  const { exports, reading, letGo } = heldReader();
  const world = memoryWorld({ exports });
  const [upload, next] = [await uploaded(world), await uploaded(world)];
  const runner = new JobRunner({ ...world, logger: keptLog().logger });
  runner.start();
  await reading;
  const stopped = runner.stop(GRACE_MS);
  letGo();
  await stopped;
  assert.is((await stateOf(world, upload)).status, 'completed');
  assert.is((await stateOf(world, next)).status, 'processing', 'the next job was not begun');
});

test('a runner that was told so works on several jobs at once, and all of them finish when it stops', async () => {
  const { exports, letGo } = heldReader();
  let reads = 0;
  let allReading: () => void = () => undefined;
  const three = new Promise<void>((resolve) => (allReading = resolve));
  const counting: ExportReader = {
    read: (file, sink) => {
      reads += 1;
      if (reads === 3) allReading();
      return exports.read(file, sink);
    },
  };
  const world = memoryWorld({ exports: counting });
  const uploads = [await uploaded(world), await uploaded(world), await uploaded(world)];
  const next = await uploaded(world);
  const runner = new JobRunner({ ...world, logger: keptLog().logger, jobsAtOnce: 3 });
  runner.start();
  await three;
  const stopped = runner.stop(GRACE_MS);
  letGo();
  await stopped;
  for (const upload of uploads) assert.is((await stateOf(world, upload)).status, 'completed');
  assert.is((await stateOf(world, next)).status, 'processing');
});

test('a job that is handed out while the runner stops is given back at once', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  const upload = await uploaded(world);
  let asked: () => void = () => undefined;
  let answer: () => void = () => undefined;
  const asking = new Promise<void>((resolve) => (asked = resolve));
  const answering = new Promise<void>((resolve) => (answer = resolve));
  const queue = replacing(world.queue, {
    claim: (...args) => {
      asked();
      return ResultAsync.fromSafePromise(answering).andThen(() => world.queue.claim(...args));
    },
  });
  const { logger, lines } = keptLog();
  const runner = new JobRunner({ ...world, queue, logger });
  runner.start();
  await asking;
  const stopped = runner.stop(GRACE_MS);
  answer();
  await stopped;
  assert.equal(lines, []);
  assert.is(valueOf(await world.queue.claim(world.clock.nowMs, 1))?.upload, upload.processingId);
});

test('a stop that a queue’s long wait outlasts leaves nothing unfinished, and says nothing of the kind', async () => {
  const world = memoryWorld();
  const queue = replacing(world.queue, {
    claim: () => ResultAsync.fromSafePromise(new Promise<null>(() => undefined)),
  });
  const { logger, lines } = keptLog();
  const runner = new JobRunner({ ...world, queue, logger });
  runner.start();
  await runner.stop(0);
  assert.equal(lines, []);
});

test('stopping does not wait for ever: what is not finished stays in the queue', async () => {
  const { exports, reading, letGo } = heldReader();
  const world = memoryWorld({ exports });
  const upload = await uploaded(world);
  const { logger, lines } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  runner.start();
  await reading;
  await runner.stop(0);
  assert.is(lines.at(-1)?.message, 'a job was left unfinished; it will be worked on again');
  world.clock.nowMs += JOB_LEASE_MS;
  const again = valueOf(await world.queue.claim(world.clock.nowMs, 1000));
  assert.equal([again?.upload, again?.attempt], [upload.processingId, 2]);
  letGo();
  await runner.stop(GRACE_MS);
});

test(
  'an idle runner looks into the queue again',
  withStillTimers(async () => {
    const world = memoryWorld({ exports: readerOf([STEPS]) });
    const { logger, line } = keptLog();
    const runner = new JobRunner({ ...world, logger });
    runner.start();
    await settled();
    const upload = await uploaded(world);
    mock.timers.tick(250);
    await line('job done');
    assert.is((await stateOf(world, upload)).status, 'completed');
    await runner.stop(GRACE_MS);
  }),
);

test(
  'a job is held for as long as the work on it takes',
  withStillTimers(async () => {
    const { exports, reading, letGo } = heldReader();
    const world = memoryWorld({ exports });
    await uploaded(world);
    const { logger, line } = keptLog();
    const runner = new JobRunner({ ...world, logger });
    runner.start();
    await reading;
    for (let elapsed = 0; elapsed < 4 * JOB_LEASE_MS; elapsed += JOB_LEASE_MS / 3) {
      world.clock.nowMs += JOB_LEASE_MS / 3;
      mock.timers.tick(JOB_LEASE_MS / 3);
      await settled();
      assert.is(valueOf(await world.queue.claim(world.clock.nowMs, 1)), null, 'nobody else is given the job');
    }
    letGo();
    assert.is((await line('job done')).fields['attempt'], 1);
    await runner.stop(GRACE_MS);
  }),
);

test('a bug in the work marks the upload failed, is logged, and does not stop the runner', async () => {
  const bug = new Error('a bug with secret words');
  let reads = 0;
  const exports: ExportReader = {
    read: (file, sink) => {
      if (reads++ === 0) throw bug;
      return readerOf([STEPS]).read(file, sink);
    },
  };
  const world = memoryWorld({ exports });
  const [broken, next] = [await uploaded(world), await uploaded(world)];
  const { logger, lines, line } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  runner.start();
  await line('job done');
  await runner.stop(GRACE_MS);
  assert.is(lines[0]?.message, 'unexpected error in a job');
  assert.is(lines[0]?.fields['err'], bug);
  const state = await stateOf(world, broken);
  assert.equal([state.status, state.failure?.code], ['failed', 'internal-error']);
  assert.not.match(JSON.stringify(state), 'secret');
  assert.is((await stateOf(world, next)).status, 'completed');
  world.clock.nowMs += 10 * JOB_LEASE_MS;
  assert.is(valueOf(await world.queue.claim(world.clock.nowMs, 1)), null);
});

test('a bug in a rejected promise is caught like one that is thrown at once', async () => {
  const exports: ExportReader = {
    read: () => ResultAsync.fromSafePromise<ExportSummary>(Promise.reject(new Error('a bug'))),
  };
  const world = memoryWorld({ exports });
  const upload = await uploaded(world);
  const { logger, line } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  runner.start();
  await line('unexpected error in a job');
  await runner.stop(GRACE_MS);
  assert.is((await stateOf(world, upload)).status, 'failed');
});

test('a refused job and a postponed one are logged with their reasons', async () => {
  for (const [exports, message, fields] of [
    [
      {
        read: failing({ kind: 'export-unreadable', code: 'broken-zip', message: 'Broken.', place: 'byte 1' } as const),
      },
      'job failed',
      { code: 'broken-zip', cause: null },
    ],
    [
      { read: failing({ ...DOWN, retryable: false }) },
      'job failed',
      { code: 'dependency-failed', cause: 'JobQueue.any: the database is locked' },
    ],
    [{ read: failing(DOWN) }, 'job postponed', { attempt: 1, cause: 'JobQueue.any: the database is locked' }],
  ] as const) {
    const world = memoryWorld({ exports });
    await uploaded(world);
    const { logger, line } = keptLog();
    const runner = new JobRunner({ ...world, logger });
    runner.start();
    const { level, fields: logged } = await line(message);
    await runner.stop(GRACE_MS);
    assert.is(level, 'warn');
    assert.equal({ ...logged, job: undefined }, { ...fields, job: undefined });
  }
});

test('an event that was not sent is logged beside the job that is done', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]), events: { publish: failing(DOWN) } });
  const upload = await uploaded(world);
  const { logger, lines, line } = keptLog();
  const runner = new JobRunner({ ...world, logger });
  runner.start();
  const { level, fields } = await line('nobody was told of a finished analysis');
  await runner.stop(GRACE_MS);
  assert.equal([level, fields['cause']], ['warn', 'JobQueue.any: the database is locked']);
  assert.is(lines[0]?.message, 'job done');
  assert.is((await stateOf(world, upload)).status, 'completed');
});

test('a job that cannot be settled, or not marked failed, is logged', async () => {
  const world = memoryWorld({ exports: readerOf([STEPS]) });
  await uploaded(world);
  const unsettled = keptLog();
  const queue = replacing(world.queue, { complete: failing(DOWN) });
  const runner = new JobRunner({ ...world, queue, logger: unsettled.logger });
  runner.start();
  assert.is((await unsettled.line('a job could not be settled')).fields['port'], 'JobQueue');
  await runner.stop(GRACE_MS);

  const buggy = memoryWorld({
    exports: {
      read: () => {
        throw new Error('a bug');
      },
    },
  });
  await uploaded(buggy);
  const unmarked = keptLog();
  const deaf = replacing(buggy.queue, { extend: failing(DOWN) });
  const other = new JobRunner({ ...buggy, queue: deaf, logger: unmarked.logger });
  other.start();
  assert.is((await unmarked.line('a job could not be marked failed')).fields['port'], 'JobQueue');
  await other.stop(GRACE_MS);
});

test(
  'a queue that does not answer is logged, shown in the state, and asked again',
  withStillTimers(async () => {
    const world = memoryWorld();
    let broken = true;
    const queue = replacing(world.queue, { claim: () => (broken ? failing(DOWN)() : okAsync(null)) });
    const { logger, line } = keptLog();
    const runner = new JobRunner({ ...world, queue, logger });
    assert.equal(runner.state(), { degraded: true, message: 'the runner has not been started' });
    runner.start();
    assert.is((await line('the job queue does not answer')).level, 'error');
    assert.equal(runner.state(), { degraded: true, message: 'the queue did not answer last time' });
    broken = false;
    await settled();
    mock.timers.tick(2000);
    await settled();
    assert.equal(runner.state(), { degraded: false, message: null });
    await runner.stop(GRACE_MS);
  }),
);

test(
  'a queue that throws, at whatever it is asked, ends neither the runner nor the process',
  withStillTimers(async () => {
    const world = memoryWorld({ exports: readerOf([STEPS]) });
    const upload = await uploaded(world);
    let broken: ReadonlySet<string | symbol> = new Set(['claim']);
    const thrown: (string | symbol)[] = [];
    const queue = new Proxy(world.queue, {
      get(target, member): unknown {
        const own: unknown = Reflect.get(target, member, target);
        if (typeof own !== 'function') return own;
        return (...asked: unknown[]): unknown => {
          if (!broken.has(member)) return Reflect.apply(own, target, asked);
          thrown.push(member);
          throw new TypeError('a bug in an adapter');
        };
      },
    });
    const { logger, lines, line } = keptLog();
    const runner = new JobRunner({ ...world, queue, logger });
    const goOn = async (): Promise<void> => {
      await settled();
      mock.timers.tick(2000);
    };
    runner.start();
    assert.instance((await line('unexpected error in the job runner')).fields['err'], TypeError);
    assert.is(runner.state().degraded, true);

    // The work throws, and so does marking it failed: the job stays in the queue until its lease is over.
    broken = new Set(['complete', 'extend']);
    lines.length = 0;
    await goOn();
    await line('unexpected error in a job');
    await line('unexpected error in the job runner');
    assert.equal(thrown, ['claim', 'complete', 'extend']);

    broken = new Set();
    world.clock.nowMs += JOB_LEASE_MS + 1;
    await goOn();
    await line('job done');
    assert.equal(runner.state(), { degraded: false, message: null });
    await runner.stop(GRACE_MS);
    assert.is((await stateOf(world, upload)).status, 'completed');
  }),
);

test.run();
