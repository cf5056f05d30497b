import { errAsync, okAsync } from 'neverthrow';
import { pino } from 'pino';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Principal } from '../../../core/auth/token-ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { Connection, type Peer } from '../../../hosts/express/sockets/connection.ts';
import { PersonLimits } from '../../../hosts/express/sockets/person-limits.ts';
import { SOCKET_SETTINGS } from '../../../hosts/express/sockets/settings.ts';
import { systemTimers } from '../../../hosts/express/sockets/timers.ts';
import { watchToken } from '../../../hosts/express/sockets/watch-token.ts';
import { ManualTimers } from '../../integration/sockets/manual-timers.ts';
import { ADA, BOB, countingIds, NOW_MS, SettableClock } from '../memory-world.ts';

const connections = suite('connections of sockets');

/** The other end: what it was told, and what it has not read yet. */
class RecordedPeer implements Peer {
  bufferedAmount = 0;
  readonly calls: string[] = [];
  readonly #unread: { readonly bytes: number; readonly done: () => void }[] = [];

  send(text: string, done: () => void): void {
    this.calls.push(`send ${(JSON.parse(text) as { type: string }).type}`);
    this.bufferedAmount += text.length;
    this.#unread.push({ bytes: text.length, done });
  }

  /** Reads the oldest frame. */
  read(): void {
    const frame = this.#unread.shift();
    this.bufferedAmount -= frame?.bytes ?? 0;
    frame?.done();
  }

  ping(): void {
    this.calls.push('ping');
  }

  close(code: number, reason: string): void {
    this.calls.push(`close ${String(code)} ${reason}`);
  }

  terminate(): void {
    this.calls.push('terminate');
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  /** What it was told since the last look. */
  take(): readonly string[] {
    return this.calls.splice(0);
  }
}

function connected(settings: Partial<typeof SOCKET_SETTINGS> = {}) {
  const clock = new SettableClock();
  const timers = new ManualTimers(clock);
  const peer = new RecordedPeer();
  const logger = pino({ level: 'silent' });
  const deps = { clock, timers, ids: countingIds(), logger, settings: { ...SOCKET_SETTINGS, ...settings } };
  return { clock, timers, peer, connection: new Connection(peer, ADA, deps) };
}

const line = (length: number) => JSON.stringify({ type: 'system', content: 'x'.repeat(length - 30) });

connections('a client that reads slowly is not listened to until it has read half of what was too much', () => {
  const { peer, connection } = connected({ slowBytes: 1000, deafBytes: 10_000 });
  for (let i = 0; i < 3; i++) connection.sendText(line(500));
  assert.equal(peer.take(), ['send system', 'send system', 'send system', 'pause']);
  peer.read();
  assert.equal(peer.take(), []);
  peer.read();
  assert.equal(peer.take(), ['resume']);
  peer.read();
  assert.equal(peer.take(), []);
});

connections('a client that does not read at all is told, listened to for its answer, and cut off', () => {
  const { peer, connection, timers } = connected({ slowBytes: 1000, deafBytes: 2000, closeMs: 10_000 });
  for (let i = 0; i < 5; i++) connection.sendText(line(500));
  assert.equal(peer.take().slice(-3), ['send system', 'close 1013 Too slow', 'resume']);
  assert.equal([connection.isOpen, connection.cancelled.aborted, connection.endedBecause], [false, true, 'Too slow']);
  connection.send({ type: 'heartbeat' });
  timers.advance(9999);
  assert.equal(peer.take(), []);
  timers.advance(1);
  assert.equal(peer.take(), ['terminate']);
});

connections('a connection that has closed is not cut off, and nothing goes on', () => {
  const { peer, connection, timers } = connected();
  connection.end([1000, 'Server shutdown']);
  connection.end([1011, 'Server error']);
  connection.closed();
  assert.equal(peer.take(), ['close 1000 Server shutdown']);
  assert.is(timers.size, 0);
});

connections('pings that are answered are forgotten, two that are not end the connection', () => {
  const { peer, connection, timers } = connected();
  for (let i = 0; i < 5; i++) {
    timers.advance(30_000);
    connection.ponged();
  }
  assert.equal(new Set(peer.take()), new Set(['ping', 'send heartbeat']));
  timers.advance(60_000);
  connection.heard();
  timers.advance(60_000);
  assert.is(connection.isOpen, true, 'whoever is heard needs no pong');
  peer.take();
  timers.advance(30_000);
  assert.equal(peer.take(), ['close 1000 Heartbeat failed']);
});

connections('while frames are in work the client is not read beyond a few, and is not called silent', async () => {
  const { peer, connection, timers } = connected({ mostFramesInWork: 2, mostMissedPings: 1 });
  const done: string[] = [];
  const releases: (() => void)[] = [];
  const work = (name: string) => async () => {
    await new Promise<void>((resolve) => releases.push(resolve));
    done.push(name);
  };
  connection.inOrder('analysis', work('first'));
  assert.equal(peer.take(), []);
  connection.inOrder('analysis', work('second'));
  connection.inOrder('talk', work('beside'));
  assert.equal(peer.take(), ['pause']);
  timers.advance(400_000);
  assert.equal([connection.isOpen, peer.take()], [true, []]);
  const idle = connection.idle();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  releases[1]?.();
  await turn();
  assert.equal([done, peer.take()], [['beside'], []], 'one is still too many');
  releases[0]?.();
  await turn();
  assert.equal([done, peer.take()], [['beside', 'first'], ['resume']]);
  releases[2]?.();
  await idle;
  await connection.idle();
  assert.equal(done, ['beside', 'first', 'second']);
  timers.advance(30_000);
  assert.equal(peer.take(), ['ping', 'send heartbeat'], 'silence counts from the end of the work');
});

connections('a connection that takes nothing more is read again for the answer to its end', () => {
  const { peer, connection } = connected();
  connection.stopListening();
  connection.end([1000, 'Server shutdown']);
  connection.stopListening();
  assert.equal(peer.take(), ['pause', 'close 1000 Server shutdown', 'resume']);
});

connections('a person has as many connections as they may, and their minute goes on over a new one', () => {
  const limits = new PersonLimits({ connectionsAPerson: 2, messagesAMinute: 2 });
  assert.equal([limits.enter(ADA, 0), limits.enter(ADA, 0), limits.enter(ADA, 0)], [true, true, false]);
  assert.is(limits.enter(BOB, 0), true);
  limits.leave(ADA);
  assert.equal([limits.enter(ADA, 0), limits.enter(ADA, 0)], [true, false]);
  assert.equal(
    [limits.message(ADA, 0), limits.message(ADA, 10_000), limits.message(ADA, 10_001)],
    [null, null, 49_999],
  );
  limits.leave(ADA);
  limits.leave(ADA);
  limits.leave(ADA);
  assert.is(limits.enter(ADA, 59_999), true);
  assert.is(limits.message(ADA, 59_999), 1);
  assert.is(limits.message(ADA, 60_000), null);
  assert.is(limits.enter(BOB, 500_000), true);
  assert.is(limits.message(ADA, 500_000), null);
});

connections('a verifier that does not answer ends a connection only once its token has expired', async () => {
  const { connection, clock, timers } = connected();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let verified = 0;
  const stop = watchToken({
    connection,
    token: 't',
    expiresAtMs: NOW_MS + 90_000,
    authenticate: () => {
      verified += 1;
      return errAsync(portUnavailable('TokenVerifier', 'verify', 'planted'));
    },
    clock,
    timers,
    settings: { recheckMs: 60_000 },
  });
  timers.advance(60_000);
  await turn();
  assert.equal([verified, connection.isOpen], [1, true]);
  connection.heard();
  timers.advance(30_000);
  await turn();
  assert.equal([verified, connection.endedBecause], [2, 'Token expired']);
  stop();
});

connections('a token that is still good after it has expired is looked at every second', async () => {
  const { connection, clock, timers } = connected();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let verified = 0;
  const principal = { userId: ADA } as Principal;
  const stop = watchToken({
    connection,
    token: 't',
    expiresAtMs: NOW_MS,
    authenticate: () => {
      verified += 1;
      return okAsync(principal);
    },
    clock,
    timers,
    settings: { recheckMs: 60_000 },
  });
  for (let i = 0; i < 3; i++) {
    timers.advance(1000);
    await turn();
  }
  assert.equal([verified, connection.isOpen], [3, true]);
  connection.cut();
  timers.advance(1000);
  await turn();
  assert.is(verified, 4, 'nobody is there any more, so that is the last look');
  timers.advance(10_000);
  await turn();
  assert.is(verified, 4);
  stop();
});

connections('the platform’s timers run once or again and again, until they are cancelled', async () => {
  // They keep no process running, so something else has to.
  const keeping = setInterval(() => undefined, 1000);
  try {
    await new Promise<void>((resolve, reject) => {
      const never = systemTimers.after(0, () => {
        reject(new Error('it was cancelled'));
      });
      never();
      let times = 0;
      const cancel = systemTimers.every(1, () => {
        times += 1;
        if (times < 3) return;
        cancel();
        systemTimers.after(1, resolve);
      });
    });
  } finally {
    clearInterval(keeping);
  }
});

connections.run();
