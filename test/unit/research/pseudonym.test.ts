import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HmacStudyKey, studyKeyOf } from '../../../adapters/node/study-key.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { dateShiftMs, dateShiftText, pseudonymOf, pseudonymText } from '../../../core/research/pseudonym.ts';
import { standardOffsetMinutes, StudyClock } from '../../../core/research/study-clock.ts';
import { errAsync, okAsync } from 'neverthrow';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { zoneOf } from '../series/series-of.ts';

const SECRET = 'a secret of an operator, long enough';
const key = studyKeyOf(SECRET);
const [ADA, BEN, IDA, MAX] = ['ada', 'ben', 'ida', 'max'].map(userId) as [UserId, UserId, UserId, UserId];

const macOf = async (text: string): Promise<Uint8Array> => valueOf(await key.macs([text]))[0]!;

test('the pseudonym is the first 22 characters of the HMAC-SHA-256 in base64url', async () => {
  for (const patient of [ADA, BEN]) {
    const text = pseudonymText(IDA, patient);
    const expected = createHmac('sha256', SECRET).update(text).digest('base64url').slice(0, 22);
    assert.is(pseudonymOf(await macOf(text)), expected);
  }
});

test('it is the same every time, and another one for another patient, researcher or key', async () => {
  const names = new Set<string>();
  for (const researcher of [IDA, MAX]) {
    for (const patient of [ADA, BEN]) {
      const text = pseudonymText(researcher, patient);
      assert.is(pseudonymOf(await macOf(text)), pseudonymOf(await macOf(text)));
      names.add(pseudonymOf(await macOf(text)));
      names.add(pseudonymOf(valueOf(await studyKeyOf(`another ${SECRET}`).macs([text]))[0]!));
    }
  }
  assert.is(names.size, 8);
  assert.is.not(pseudonymText(userId('a'), userId('bc')), pseudonymText(userId('ab'), userId('c')));
});

test('dates move by 1 to 26 whole weeks, back and forth, each as often, and never by none', async () => {
  const texts = Array.from({ length: 5200 }, (_, i) => dateShiftText(IDA, userId(`patient ${String(i)}`)));
  const counts = new Map<number, number>();
  for (const mac of valueOf(await key.macs(texts))) {
    const weeks = dateShiftMs(mac) / (7 * MS_PER_DAY);
    counts.set(weeks, (counts.get(weeks) ?? 0) + 1);
  }
  const expected = Array.from({ length: 53 }, (_, i) => i - 26).filter((weeks) => weeks !== 0);
  assert.equal(
    [...counts.keys()].sort((a, b) => a - b),
    expected,
  );
  // 100 of each are expected; a fair draw of this size is outside once in millions.
  for (const [weeks, count] of counts) assert.ok(count > 50 && count < 160, `${weeks}: ${count}`);
});

test('the shift is told apart from the pseudonym, and differs between researchers', async () => {
  assert.is.not(pseudonymText(IDA, ADA), dateShiftText(IDA, ADA));
  const shifts = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => dateShiftMs(await macOf(dateShiftText(userId(`r ${String(i)}`), ADA)))),
  );
  assert.ok(new Set(shifts).size > 5, shifts.join());
});

test('a study clock has no daylight saving, and is undone exactly', () => {
  for (const [name, offset] of [
    ['Europe/Berlin', 60],
    ['America/New_York', -300],
    ['Australia/Sydney', 600],
    ['Asia/Kolkata', 330],
    ['UTC', 0],
  ] as const) {
    for (const now of ['2025-01-15T00:00Z', '2025-07-15T00:00Z']) {
      assert.is(standardOffsetMinutes(zoneOf(name), Date.parse(now)), offset, `${name} ${now}`);
    }
  }
  const clock = new StudyClock(60, -21 * MS_PER_DAY);
  const instant = Date.parse('2025-07-30T22:30:00Z');
  assert.is(new Date(clock.studyTimeOf(instant)).toISOString(), '2025-07-09T23:30:00.000Z');
  assert.is(clock.instantOf(clock.studyTimeOf(instant)), instant);
});

test('without a secret there is no research; a key that could not be had is asked for again, and kept', async () => {
  assert.equal(errorOf(await studyKeyOf(null).macs(['x'])), { kind: 'research-unavailable' });
  let calls = 0;
  const late = new HmacStudyKey(() =>
    ++calls === 1 ? errAsync(portUnavailable('StudyKey', 'macs', 'planted')) : okAsync(new Uint8Array(32)),
  );
  assert.is(errorOf(await late.macs(['x'])).kind, 'port-unavailable');
  const [first] = valueOf(await late.macs(['x']));
  assert.equal(valueOf(await late.macs(['y', 'x']))[1], first);
  assert.is(calls, 2);
});

test.run();
