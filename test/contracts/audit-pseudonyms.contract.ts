import * as assert from 'uvu/assert';
import type { AuditPseudonyms } from '../../core/audit/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { ADA_P, BOB_P } from '../unit/audit-events.ts';
import { ADA, BOB } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import { pseudonym } from '../../core/audit/model.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type SharedUnderTest, type UnderTest } from './under-test.ts';

/** What every `AuditPseudonyms` promises. `make` is called once a test. */
export function auditPseudonymsContract(name: string, make: () => Promise<UnderTest<AuditPseudonyms>>): void {
  const { test, run } = suiteOver<AuditPseudonyms, UnderTest<AuditPseudonyms>>(`audit pseudonyms: ${name}`, make);

  test('the first pseudonym stays', async ({ store }) => {
    assert.is(valueOf(await store.known(ADA)), null);
    assert.is(valueOf(await store.assign(ADA, ADA_P)), ADA_P);
    assert.is(valueOf(await store.assign(ADA, BOB_P)), ADA_P);
    assert.is(valueOf(await store.known(ADA)), ADA_P);
    assert.is(valueOf(await store.known(BOB)), null);
  });

  test("erasing somebody forgets theirs and nobody else's", async ({ store }) => {
    valueOf(await store.assign(ADA, ADA_P));
    valueOf(await store.assign(BOB, BOB_P));
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.is(valueOf(await store.known(ADA)), null);
    assert.is(valueOf(await store.known(BOB)), BOB_P);
  });

  test('people are found by their pseudonyms until they are erased', async ({ store }) => {
    valueOf(await store.assign(ADA, ADA_P));
    valueOf(await store.assign(BOB, BOB_P));
    const nobody = pseudonym('p_00000000000040008000000000000c0c');
    assert.equal(valueOf(await store.owners([])), new Map());
    assert.equal(valueOf(await store.owners([nobody])), new Map());
    const both = valueOf(await store.owners([ADA_P, nobody, BOB_P, ADA_P]));
    assert.equal([both.size, both.get(ADA_P), both.get(BOB_P)], [2, ADA, BOB]);
    valueOf(await store.eraseOwner(ADA));
    assert.equal([...valueOf(await store.owners([ADA_P, BOB_P]))], [[BOB_P, BOB]]);
    const many = Array.from({ length: 150 }, (_, i) => pseudonym(`p_${String(i).padStart(32, '0')}`));
    assert.equal([...valueOf(await store.owners([...many, BOB_P]))], [[BOB_P, BOB]]);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const [i, id] of AWKWARD_IDS.entries()) valueOf(await store.assign(userId(id), pseudonym(`p_${String(i)}`)));
    for (const [i, id] of AWKWARD_IDS.entries()) assert.is(valueOf(await store.known(userId(id))), `p_${String(i)}`);
    const owners = valueOf(await store.owners(AWKWARD_IDS.map((_, i) => pseudonym(`p_${String(i)}`))));
    for (const [i, id] of AWKWARD_IDS.entries()) assert.is(owners.get(pseudonym(`p_${String(i)}`)), id);
  });

  run();
}

/** What one that several processes use at once promises besides. */
export function sharedAuditPseudonymsContract(
  name: string,
  make: () => Promise<SharedUnderTest<AuditPseudonyms>>,
): void {
  const { test, run } = suiteOver<AuditPseudonyms, SharedUnderTest<AuditPseudonyms>>(
    `shared audit pseudonyms: ${name}`,
    make,
  );

  test('two processes that ask at once are answered the same', async ({ store, other }) => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? store : other).assign(ADA, pseudonym(`p_${String(i)}`))),
    );
    const answered = [...new Set(answers.map((answer) => valueOf(answer)))];
    assert.equal(answered, [valueOf(await other.known(ADA))]);
    const all = Array.from({ length: 8 }, (_, i) => pseudonym(`p_${String(i)}`));
    assert.equal([...valueOf(await store.owners(all))], [[answered[0], ADA]], 'the others lead to nobody');
  });

  run();
}
