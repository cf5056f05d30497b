import * as assert from 'uvu/assert';
import type { CodePurpose, EmailedCode, EmailedCodes, MailPace } from '../../core/auth/mail-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('ada');
const MINUTE = 60_000;
const NOW = 1_741_000_000_000;
const PACE: MailPace = { pauseMs: MINUTE, windowMs: 60 * MINUTE, mostInWindow: 3 };

const code = (salt: string, changes: Partial<EmailedCode> = {}): EmailedCode => ({
  user: ADA,
  purpose: 'reset',
  address: 'Ada@Example.org',
  salt,
  hash: `hash of ${salt}`,
  expiresAtMs: NOW + 15 * MINUTE + 0.5,
  used: false,
  ...changes,
});

const PURPOSES: readonly CodePurpose[] = ['confirm', 'change', 'reset'];
const ISSUED = { kind: 'issued' };

/** What every `EmailedCodes` promises. `make` is called once a test. */
export function emailedCodesContract(name: string, make: () => Promise<UnderTest<EmailedCodes>>): void {
  const { test, run } = suiteOver<EmailedCodes, UnderTest<EmailedCodes>>(`emailed codes: ${name}`, make);

  test('where nothing was sent, nothing can be tried, used, released or erased', async ({ store }) => {
    assert.is(valueOf(await store.countTry(ADA, 'reset', 5)), null);
    assert.is(valueOf(await store.use(code('a'))), false);
    valueOf(await store.release(code('a')));
    valueOf(await store.eraseOwner(ADA));
    assert.is(valueOf(await store.countTry(ADA, 'reset', 5)), null);
  });

  test('a code comes back with all that it had, as often as it may be tried and no more', async ({ store }) => {
    assert.equal(valueOf(await store.issue(code('a'), NOW, PACE)), ISSUED);
    for (let tries = 0; tries < 5; tries++) {
      assert.equal(valueOf(await store.countTry(ADA, 'reset', 5)), code('a'));
    }
    for (let tries = 0; tries < 3; tries++) assert.is(valueOf(await store.countTry(ADA, 'reset', 5)), null);
  });

  test('of tries at the same time no more are let through than one after the other', async ({ store }) => {
    valueOf(await store.issue(code('a'), NOW, PACE));
    const tried = await Promise.all(Array.from({ length: 20 }, () => store.countTry(ADA, 'reset', 5)));
    assert.is(tried.filter((outcome) => valueOf(outcome) !== null).length, 5);
  });

  test('the newest code takes the place of the one before, with all its tries', async ({ store }) => {
    valueOf(await store.issue(code('a'), NOW, PACE));
    for (let tries = 0; tries < 5; tries++) valueOf(await store.countTry(ADA, 'reset', 5));
    assert.is(valueOf(await store.use(code('a'))), true);
    assert.equal(valueOf(await store.issue(code('b'), NOW + MINUTE, PACE)), ISSUED);
    assert.equal(valueOf(await store.countTry(ADA, 'reset', 5)), code('b'));
    assert.is(valueOf(await store.use(code('a'))), false);
    valueOf(await store.release(code('a')));
    assert.is(valueOf(await store.use(code('b'))), true);
  });

  test('a code is used once, and again after it was released', async ({ store }) => {
    valueOf(await store.issue(code('a'), NOW, PACE));
    for (let rounds = 0; rounds < 2; rounds++) {
      const uses = await Promise.all(Array.from({ length: 10 }, () => store.use(code('a'))));
      assert.is(uses.filter((outcome) => valueOf(outcome)).length, 1);
      assert.equal(valueOf(await store.countTry(ADA, 'reset', 5)), code('a', { used: true }));
      valueOf(await store.release(code('a')));
      assert.equal(valueOf(await store.countTry(ADA, 'reset', 5)), code('a'));
    }
  });

  test('a mail too soon is withheld, says until when, and leaves the code before as it is', async ({ store }) => {
    valueOf(await store.issue(code('a'), NOW, PACE));
    valueOf(await store.countTry(ADA, 'reset', 5));
    valueOf(await store.use(code('a')));
    assert.equal(valueOf(await store.issue(code('b'), NOW + MINUTE - 1, PACE)), {
      kind: 'withheld',
      untilMs: NOW + MINUTE,
      standing: code('a', { used: true }),
    });
    assert.equal(valueOf(await store.countTry(ADA, 'reset', 2)), code('a', { used: true }));
    assert.is(valueOf(await store.countTry(ADA, 'reset', 2)), null);
  });

  test('there are only so many mails within the window, and then as many again', async ({ store }) => {
    for (const minutes of [0, 10, 20]) {
      assert.equal(valueOf(await store.issue(code(`at ${minutes}`), NOW + minutes * MINUTE, PACE)), ISSUED);
    }
    for (const minutes of [30, 59]) {
      const withheld = valueOf(await store.issue(code('x'), NOW + minutes * MINUTE, PACE));
      assert.equal(withheld, { kind: 'withheld', untilMs: NOW + 60 * MINUTE, standing: code('at 20') });
    }
    assert.equal(valueOf(await store.issue(code('at 60'), NOW + 60 * MINUTE, PACE)), ISSUED);
    const again = valueOf(await store.issue(code('x'), NOW + 62 * MINUTE, PACE));
    assert.equal(again, { kind: 'withheld', untilMs: NOW + 70 * MINUTE, standing: code('at 60') });
  });

  test('of codes made at the same time one is sent', async ({ store }) => {
    const made = await Promise.all(Array.from({ length: 10 }, (_, i) => store.issue(code(`${i}`), NOW, PACE)));
    assert.is(made.filter((outcome) => valueOf(outcome).kind === 'issued').length, 1);
  });

  test('purposes and people do not touch each other', async ({ store }) => {
    const people = [ADA, ...AWKWARD_IDS.map(userId)];
    for (const user of people) {
      for (const purpose of PURPOSES) {
        const own = code(`${purpose} of ${user}`, { user, purpose });
        assert.equal(valueOf(await store.issue(own, NOW, PACE)), ISSUED);
      }
    }
    valueOf(await store.use(code(`reset of ${ADA}`)));
    for (const user of people) {
      for (const purpose of PURPOSES) {
        const used = user === ADA && purpose === 'reset';
        const own = code(`${purpose} of ${user}`, { user, purpose, used });
        assert.equal(valueOf(await store.countTry(user, purpose, 1)), own);
        assert.is(valueOf(await store.countTry(user, purpose, 1)), null);
      }
    }
  });

  test('nothing is left of a person who is erased, also not how many mails they got', async ({ store }) => {
    const ben = userId('ben');
    for (const purpose of PURPOSES) {
      for (const user of [ADA, ben]) valueOf(await store.issue(code(purpose, { user, purpose }), NOW, PACE));
    }
    for (let times = 0; times < 2; times++) valueOf(await store.eraseOwner(ADA));
    for (const purpose of PURPOSES) {
      assert.is(valueOf(await store.countTry(ADA, purpose, 5)), null);
      assert.ok(valueOf(await store.countTry(ben, purpose, 5)));
      assert.equal(valueOf(await store.issue(code('again', { purpose }), NOW, PACE)), ISSUED);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = code('a');
    valueOf(await store.issue(given, NOW, PACE));
    Object.assign(given, { hash: 'changed' });
    Object.assign(valueOf(await store.countTry(ADA, 'reset', 5))!, { hash: 'changed' });
    const withheld = valueOf(await store.issue(code('b'), NOW, PACE));
    if (withheld.kind === 'withheld') Object.assign(withheld.standing, { hash: 'changed' });
    assert.equal(valueOf(await store.countTry(ADA, 'reset', 5)), code('a'));
  });

  run();
}

/** What `EmailedCodes` that outlive their process promise besides. */
export function durableEmailedCodesContract(name: string, make: () => Promise<DurableUnderTest<EmailedCodes>>): void {
  const { test, run } = suiteOver<EmailedCodes, DurableUnderTest<EmailedCodes>>(`durable emailed codes: ${name}`, make);

  test('a code, its tries and the mails before it are there after closing and opening again', async (under) => {
    valueOf(await under.store.issue(code('a'), NOW, PACE));
    valueOf(await under.store.countTry(ADA, 'reset', 2));
    valueOf(await under.store.use(code('a')));
    const reopened = await under.reopen();
    assert.is(valueOf(await reopened.issue(code('b'), NOW + 1, PACE)).kind, 'withheld');
    assert.equal(valueOf(await reopened.countTry(ADA, 'reset', 2)), code('a', { used: true }));
    assert.is(valueOf(await reopened.countTry(ADA, 'reset', 2)), null);
    assert.is(valueOf(await reopened.use(code('a'))), false);
  });

  run();
}
