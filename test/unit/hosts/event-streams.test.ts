import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryOwnerEventLog } from '../../../adapters/memory/owner-event-log.ts';
import type { ServerSentEvent } from '../../../contracts/route.ts';
import { eventIdOf, type EventId, type OwnerEventType } from '../../../core/events/model.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { EventStreams, MOST_STREAMS, type Listener } from '../../../hosts/express/events/event-streams.ts';
import { EventBell } from '../../../hosts/wiring/event-bell.ts';
import { ADA, BOB, NOW_MS, replacing, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

/** A bell with which waiting takes no time but the clock's. */
class TickingBell extends EventBell {
  readonly #clock: SettableClock;
  /** What happens while somebody waits. */
  onWait: () => void | Promise<void> = () => undefined;
  waits = 0;

  constructor(clock: SettableClock) {
    super();
    this.#clock = clock;
  }

  override async wait(_owner: unknown, _rings: number, ms: number): Promise<void> {
    this.#clock.nowMs += ms;
    this.waits += 1;
    await this.onWait();
  }
}

function streaming(log = new MemoryOwnerEventLog()) {
  const clock = new SettableClock();
  const bell = new TickingBell(clock);
  const streams = new EventStreams({ ownerEvents: log, bell, clock });
  const cancel = new AbortController();
  const listener = (changes: Partial<Listener> = {}): Listener => ({
    owner: ADA,
    after: null,
    types: null,
    endsAtMs: NOW_MS + 900_000,
    verify: () => okAsync(undefined),
    cancelled: cancel.signal,
    ...changes,
  });
  const open = async (changes: Partial<Listener> = {}): Promise<AsyncIterator<ServerSentEvent, void>> =>
    valueOf(await streams.open(listener(changes)))[Symbol.asyncIterator]();
  const happened = async (
    subject: string,
    type: OwnerEventType = 'processing.updated',
    owner = ADA,
  ): Promise<EventId> => valueOf(await log.append(owner, { type, atMs: NOW_MS, upload: null, subject, data: {} })).id;
  return { log, clock, bell, streams, cancel, listener, open, happened };
}

const next = async (stream: AsyncIterator<ServerSentEvent, void>): Promise<ServerSentEvent | null> => {
  const result = await stream.next();
  return result.done === true ? null : result.value;
};
const rest = async (stream: AsyncIterator<ServerSentEvent, void>): Promise<readonly ServerSentEvent[]> => {
  const events: ServerSentEvent[] = [];
  for (let event = await next(stream); event !== null; event = await next(stream)) events.push(event);
  return events;
};

test('a stream says that it is ready, with its place and when to come back, and then what happens', async () => {
  const { open, happened, bell } = streaming();
  await happened('before');
  const stream = await open();
  assert.equal(await next(stream), {
    id: eventIdOf(1),
    event: 'ready',
    data: { after: eventIdOf(1) },
    retryMs: 3000,
  });
  bell.onWait = async () => {
    bell.onWait = () => undefined;
    await happened('of Bob', 'processing.updated', BOB);
    await happened('the next', 'processing.completed');
  };
  assert.equal(await next(stream), {
    id: eventIdOf(2),
    event: 'processing.completed',
    data: {
      type: 'processing.completed',
      timestamp: '2025-03-03T12:00:00.000Z',
      data: { processing_id: 'the next' },
    },
  });
});

test('whoever names a place gets what followed it, each once and in order, in any number of looks', async () => {
  const { open, happened, cancel, bell } = streaming();
  for (let i = 1; i <= 250; i++) await happened(String(i));
  bell.onWait = () => {
    cancel.abort();
  };
  const [, ...events] = await rest(await open({ after: eventIdOf(3) }));
  assert.equal(
    events.map(({ id }) => id),
    Array.from({ length: 247 }, (_, i) => eventIdOf(i + 4)),
  );
});

test('in an empty log, and behind its end, the place is its beginning', async () => {
  const { open, happened } = streaming();
  assert.is((await next(await open()))?.id, eventIdOf(0));
  await happened('first of a new log');
  const stream = await open({ after: eventIdOf(900) });
  assert.is((await next(stream))?.id, eventIdOf(0));
  assert.is((await next(stream))?.id, eventIdOf(1));
});

test('types that are not wanted are left out', async () => {
  const { open, happened, cancel, bell } = streaming();
  for (const type of ['processing.updated', 'data.deleted', 'processing.failed'] as const) await happened('x', type);
  bell.onWait = () => {
    cancel.abort();
  };
  const [, ...events] = await rest(await open({ after: eventIdOf(0), types: ['data.deleted'] }));
  assert.equal(
    events.map(({ event }) => event),
    ['data.deleted'],
  );
});

test('while nothing happens, a comment every 15 seconds keeps the line open', async () => {
  const { open, clock } = streaming();
  const stream = await open();
  await next(stream);
  const beats: number[] = [];
  for (let i = 0; i < 3; i++) {
    const beat = await next(stream);
    assert.equal(beat, { id: null, event: null, data: null, comment: 'still here' });
    beats.push((clock.nowMs - NOW_MS) / 1000);
  }
  assert.equal(beats, [15, 30, 45]);
});

test('a stream ends when the access token does, not later and not sooner', async () => {
  const { open, clock } = streaming();
  await rest(await open({ endsAtMs: NOW_MS + 2500 }));
  assert.is(clock.nowMs, NOW_MS + 2500);
});

test('a stream ends when the client has gone', async () => {
  const { open, cancel, bell } = streaming();
  const stream = await open();
  await next(stream);
  bell.onWait = () => {
    cancel.abort();
  };
  assert.is(await next(stream), null);
  assert.is(bell.waits, 1);
});

test('the token is looked at once a minute: one that is good no longer ends the stream, trouble does not', async () => {
  const { open, clock } = streaming();
  const asked: number[] = [];
  const stream = await open({
    verify: () => {
      asked.push((clock.nowMs - NOW_MS) / 1000);
      return asked.length === 1
        ? errAsync(portUnavailable('TokenVerifier', 'verify', 'planted'))
        : errAsync({ kind: 'invalid-token' });
    },
  });
  await rest(stream);
  assert.equal(asked, [60, 120]);
});

test('a log that does not answer for a moment loses nothing', async () => {
  const log = new MemoryOwnerEventLog();
  let looks = 0;
  const failing = replacing<MemoryOwnerEventLog>(log, {
    after: (...args) =>
      looks++ === 0 ? errAsync(portUnavailable('OwnerEventLog', 'after', 'planted')) : log.after(...args),
  });
  const { open } = streaming(failing);
  valueOf(await log.append(ADA, { type: 'data.deleted', atMs: NOW_MS, upload: null, subject: 'x', data: {} }));
  const stream = await open({ after: eventIdOf(0) });
  await next(stream);
  assert.is((await next(stream))?.event, 'data.deleted');
});

test('a log that does not answer at the beginning is an error', async () => {
  const down = portUnavailable('OwnerEventLog', 'newest', 'planted');
  const log = replacing<MemoryOwnerEventLog>(new MemoryOwnerEventLog(), { newest: () => errAsync(down) });
  const { streams, listener } = streaming(log);
  assert.equal(errorOf(await streams.open(listener())), down);
});

test('a person has so many streams at once, and one that ends makes room', async () => {
  const { open, streams, listener } = streaming();
  const opened = [];
  for (let i = 0; i < MOST_STREAMS; i++) {
    const stream = await open();
    await next(stream);
    opened.push(stream);
  }
  assert.equal(errorOf(await streams.open(listener())), { kind: 'too-many-streams', limit: MOST_STREAMS });
  assert.is((await next(await open({ owner: BOB })))?.event, 'ready');
  await opened[0]?.return?.();
  const stream = await open();
  assert.is((await next(stream))?.event, 'ready');
  for (const each of [...opened, stream]) await each.return?.();
  assert.is((await next(await open()))?.event, 'ready');
});

test('streams that were let in before any of them was read are not too many either', async () => {
  const { open } = streaming();
  const opened = await Promise.all(Array.from({ length: MOST_STREAMS + 1 }, () => open()));
  const first = await Promise.all(opened.map(next));
  assert.is(first.filter((event) => event !== null).length, MOST_STREAMS);
});

test.run();
