import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session, ShownRefreshToken } from '../../../core/auth/account-store.ts';
import { REFRESH_GRACE_MS, rotationOf } from '../../../core/auth/session-rotation.ts';
import { userId } from '../../../core/kernel/ids.ts';

const SESSION: Session = {
  sessionId: 's',
  userId: userId('ada'),
  createdAtMs: 0,
  expiresAtMs: 1_000_000,
  lastUsedAtMs: 100_000,
  rotation: 5,
  revoked: false,
};
const shown = (changes: Partial<ShownRefreshToken> = {}): ShownRefreshToken => ({
  userId: SESSION.userId,
  sessionId: 's',
  rotation: 5,
  nowMs: 200_000,
  ...changes,
});
const kindOf = (changes: Partial<ShownRefreshToken>, session: Session | null = SESSION): string =>
  rotationOf(session, shown(changes)).kind;

test('the newest token makes the next one the newest', () => {
  const rotated = { ...SESSION, rotation: 6, lastUsedAtMs: 200_000 };
  assert.equal(rotationOf(SESSION, shown()), { kind: 'rotated', session: rotated });
});

test('the one before is taken again until the grace is over, and never prolongs it', () => {
  const lastMs = SESSION.lastUsedAtMs + REFRESH_GRACE_MS;
  assert.equal(rotationOf(SESSION, shown({ rotation: 4, nowMs: lastMs })), { kind: 'repeated', session: SESSION });
  assert.is(kindOf({ rotation: 4, nowMs: lastMs + 1 }), 'reused');
});

test('a clock of another process that is behind does not end a session', () => {
  assert.is(kindOf({ rotation: 4, nowMs: SESSION.lastUsedAtMs - 60_000 }), 'repeated');
});

test('an older one ends the session at any time', () => {
  for (const rotation of [3, 0, -1]) {
    const reused = rotationOf(SESSION, shown({ rotation, nowMs: SESSION.lastUsedAtMs }));
    assert.equal(reused, { kind: 'reused', session: { ...SESSION, revoked: true } });
  }
});

test('what no token can say ends nothing', () => {
  for (const rotation of [6, 1000, Number.NaN, Infinity]) assert.is(kindOf({ rotation }), 'over');
  assert.is(kindOf({ userId: userId('eve') }), 'over');
  assert.is(kindOf({ nowMs: SESSION.expiresAtMs }), 'over');
  assert.is(kindOf({}, null), 'over');
  assert.is(kindOf({}, { ...SESSION, revoked: true }), 'over');
});

test.run();
