import * as assert from 'uvu/assert';
import { consentId, type Consent, type EmergencyAccess } from '../../core/consent/model.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const DOC = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03');
const ELSE = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a04');
const NOW = 1_741_000_000_000;
const DAY = 86_400_000;

const consent = (id: string, changes: Partial<Consent> = {}): Consent => ({
  patient: ADA,
  consentId: consentId(id),
  grantee: DOC,
  purpose: 'care',
  dataTypes: ['heart_rate', 'analyses'],
  createdAtMs: NOW - 0.5,
  endsAtMs: NOW + DAY,
  revokedAtMs: null,
  ...changes,
});

const access = (id: string, changes: Partial<EmergencyAccess> = {}): EmergencyAccess => ({
  patient: ADA,
  accessId: id,
  clinician: DOC,
  reason: 'Found unconscious, "no history" 👩🏽‍🔬',
  openedAtMs: NOW,
  endsAtMs: NOW + 3_600_000.5,
  ...changes,
});

const idsOf = (consents: readonly Consent[]): readonly string[] => consents.map((each) => each.consentId);

/** What every `ConsentStore` promises. `make` is called once a test. */
export function consentStoreContract(name: string, make: () => Promise<UnderTest<ConsentStore>>): void {
  const { test, run } = suiteOver<ConsentStore, UnderTest<ConsentStore>>(`consent store: ${name}`, make);

  test('where nothing was given nothing is found, and nothing can be revoked', async ({ store }) => {
    assert.equal(valueOf(await store.ofPatient(ADA)), []);
    assert.equal(valueOf(await store.forGrantee(DOC, NOW)), []);
    assert.equal(valueOf(await store.between(ADA, DOC, NOW)), []);
    assert.equal(valueOf(await store.emergencies(ADA)), []);
    const absent = { kind: 'not-found', resource: 'consent', id: 'a' };
    assert.equal(errorOf(await store.revoke(ADA, consentId('a'), NOW)), absent);
    valueOf(await store.eraseOwner(ADA));
  });

  test('a consent comes back exactly, to whoever gave it and to whoever it is for', async ({ store }) => {
    const given = consent('a', { purpose: 'research', dataTypes: ['activity_data.steps'] });
    valueOf(await store.insert(given));
    assert.equal(valueOf(await store.ofPatient(ADA)), [given]);
    assert.equal(valueOf(await store.forGrantee(DOC, NOW)), [given]);
    assert.equal(valueOf(await store.between(ADA, DOC, NOW)), [given]);
    for (const [patient, grantee] of [
      [BEN, DOC],
      [ADA, ELSE],
      [DOC, ADA],
    ] as const) {
      assert.equal(valueOf(await store.between(patient, grantee, NOW)), []);
    }
    assert.equal(valueOf(await store.ofPatient(DOC)), []);
    assert.equal(valueOf(await store.forGrantee(ADA, NOW)), []);
  });

  test('it is in force from its first instant to just before its last', async ({ store }) => {
    valueOf(await store.insert(consent('a', { createdAtMs: NOW, endsAtMs: NOW + 10 })));
    for (const [atMs, count] of [
      [NOW - 1, 0],
      [NOW, 1],
      [NOW + 9, 1],
      [NOW + 10, 0],
      [NOW + 11, 0],
    ] as const) {
      assert.is(valueOf(await store.forGrantee(DOC, atMs)).length, count, `for the grantee at ${atMs - NOW}`);
      assert.is(valueOf(await store.between(ADA, DOC, atMs)).length, count, `between at ${atMs - NOW}`);
      assert.is(valueOf(await store.ofPatient(ADA)).length, 1);
    }
  });

  test('a revoked one is in force no more, keeps its first time, and is not brought back', async ({ store }) => {
    valueOf(await store.insert(consent('a')));
    const revoked = consent('a', { revokedAtMs: NOW + 1.5 });
    assert.equal(valueOf(await store.revoke(ADA, revoked.consentId, NOW + 1.5)), revoked);
    assert.equal(valueOf(await store.revoke(ADA, revoked.consentId, NOW + 2)), revoked);
    valueOf(await store.insert(consent('a')));
    assert.equal(valueOf(await store.ofPatient(ADA)), [revoked]);
    assert.equal(valueOf(await store.forGrantee(DOC, NOW)), []);
    assert.equal(valueOf(await store.between(ADA, DOC, NOW)), []);
  });

  test('only whoever gave it revokes it', async ({ store }) => {
    valueOf(await store.insert(consent('a')));
    for (const other of [BEN, DOC]) {
      assert.is(errorOf(await store.revoke(other, consentId('a'), NOW)).kind, 'not-found');
    }
    assert.is(valueOf(await store.between(ADA, DOC, NOW)).length, 1);
  });

  test('one that is there already is left as it is', async ({ store }) => {
    valueOf(await store.insert(consent('a')));
    valueOf(await store.insert(consent('a', { grantee: ELSE, dataTypes: ['blood_glucose'] })));
    assert.equal(valueOf(await store.ofPatient(ADA)), [consent('a')]);
    assert.equal(valueOf(await store.forGrantee(ELSE, NOW)), []);
    assert.equal(valueOf(await store.between(ADA, ELSE, NOW)), []);
  });

  test('lists are newest first, ties by id', async ({ store }) => {
    const order = [
      ['b', 5],
      ['newest', 9.5],
      ['a', 5],
      ['oldest', 1],
    ] as const;
    for (const [id, createdAtMs] of order) valueOf(await store.insert(consent(id, { createdAtMs })));
    const expected = ['newest', 'a', 'b', 'oldest'];
    assert.equal(idsOf(valueOf(await store.ofPatient(ADA))), expected);
    assert.equal(idsOf(valueOf(await store.forGrantee(DOC, NOW))), expected);
    assert.equal(idsOf(valueOf(await store.between(ADA, DOC, NOW))), expected);
  });

  test('more than a hundred patients of one person are all found', async ({ store }) => {
    const patients = Array.from({ length: 130 }, (_, i) => userId(`patient ${String(i)}`));
    const inserted = await Promise.all(patients.map((patient) => store.insert(consent('same', { patient }))));
    inserted.forEach(valueOf);
    const found = valueOf(await store.forGrantee(DOC, NOW));
    assert.equal(new Set(found.map(({ patient }) => patient)), new Set(patients));
  });

  test('an emergency access comes back exactly, newest first, and is written once', async ({ store }) => {
    const given = [access('b', { openedAtMs: NOW + 1 }), access('a'), access('c')];
    for (const one of given.toReversed()) valueOf(await store.insertEmergency(one));
    valueOf(await store.insertEmergency(access('a', { reason: 'another one, and longer', endsAtMs: NOW + DAY })));
    assert.equal(valueOf(await store.emergencies(ADA)), given);
    assert.equal(valueOf(await store.emergencies(DOC)), []);
    assert.equal(valueOf(await store.emergencies(BEN)), []);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) {
      const own = { patient: userId(id), grantee: userId(`for ${id}`) };
      valueOf(await store.insert(consent(id, own)));
      valueOf(await store.insert(consent('second', own)));
      valueOf(await store.insertEmergency(access(id, { patient: userId(id), clinician: userId(`for ${id}`) })));
    }
    for (const id of AWKWARD_IDS) {
      const [patient, grantee] = [userId(id), userId(`for ${id}`)];
      assert.equal(new Set(idsOf(valueOf(await store.forGrantee(grantee, NOW)))), new Set([id, 'second']));
      assert.is(valueOf(await store.between(patient, grantee, NOW)).length, 2);
      assert.equal(
        valueOf(await store.emergencies(patient)).map(({ accessId }) => accessId),
        [id],
      );
      assert.is(valueOf(await store.revoke(patient, consentId(id), NOW)).patient, patient);
      assert.equal(idsOf(valueOf(await store.forGrantee(grantee, NOW))), ['second']);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = consent('a');
    valueOf(await store.insert(given));
    (given.dataTypes as string[]).push('blood_glucose');
    const found = valueOf(await store.between(ADA, DOC, NOW))[0];
    (found!.dataTypes as string[]).push('blood_glucose');
    assert.equal(valueOf(await store.ofPatient(ADA)), [consent('a')]);
  });

  test('after a patient is erased nothing of theirs is left, and nobody else has lost anything', async ({ store }) => {
    for (const patient of [ADA, BEN]) {
      valueOf(await store.insert(consent('a', { patient })));
      valueOf(await store.insert(consent('b', { patient })));
      valueOf(await store.revoke(patient, consentId('b'), NOW));
      valueOf(await store.insertEmergency(access('e', { patient })));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.ofPatient(ADA)), []);
    assert.equal(valueOf(await store.emergencies(ADA)), []);
    assert.equal(valueOf(await store.forGrantee(DOC, NOW)), [consent('a', { patient: BEN })]);
    assert.equal(valueOf(await store.emergencies(BEN)), [access('e', { patient: BEN })]);
  });

  test('after a clinician is erased no consent names them, and what they opened does not either', async ({ store }) => {
    valueOf(await store.insert(consent('a')));
    valueOf(await store.insert(consent('ended', { endsAtMs: NOW })));
    valueOf(await store.insert(consent('revoked')));
    valueOf(await store.revoke(ADA, consentId('revoked'), NOW));
    valueOf(await store.insert(consent('other', { grantee: ELSE })));
    valueOf(await store.insertEmergency(access('e')));
    valueOf(await store.insertEmergency(access('f', { clinician: ELSE })));
    valueOf(await store.eraseOwner(DOC));
    valueOf(await store.eraseOwner(DOC));
    assert.equal(valueOf(await store.ofPatient(ADA)), [consent('other', { grantee: ELSE })]);
    assert.equal(valueOf(await store.forGrantee(DOC, NOW)), []);
    assert.equal(valueOf(await store.emergencies(ADA)), [
      access('e', { clinician: null }),
      access('f', { clinician: ELSE }),
    ]);
  });

  run();
}

/** What a `ConsentStore` that outlives its process promises besides. */
export function durableConsentStoreContract(name: string, make: () => Promise<DurableUnderTest<ConsentStore>>): void {
  const { test, run } = suiteOver<ConsentStore, DurableUnderTest<ConsentStore>>(`durable consent store: ${name}`, make);

  test('consents, revocations and accesses are there after closing and opening again', async (under) => {
    valueOf(await under.store.insert(consent('a')));
    valueOf(await under.store.insert(consent('b')));
    valueOf(await under.store.revoke(ADA, consentId('b'), NOW));
    valueOf(await under.store.insertEmergency(access('e')));
    const reopened = await under.reopen();
    assert.equal(valueOf(await reopened.forGrantee(DOC, NOW)), [consent('a')]);
    assert.equal(valueOf(await reopened.ofPatient(ADA)), [consent('a'), consent('b', { revokedAtMs: NOW })]);
    assert.equal(valueOf(await reopened.emergencies(ADA)), [access('e')]);
  });

  run();
}

/** What a `ConsentStore` promises that several processes share. */
export function sharedConsentStoreContract(name: string, make: () => Promise<SharedUnderTest<ConsentStore>>): void {
  const { test, run } = suiteOver<ConsentStore, SharedUnderTest<ConsentStore>>(`shared consent store: ${name}`, make);

  test('once a revocation was answered no process reads on the strength of the consent', async ({ store, other }) => {
    for (let i = 0; i < 10; i++) {
      const id = `c${String(i)}`;
      valueOf(await store.insert(consent(id)));
      assert.equal(idsOf(valueOf(await other.between(ADA, DOC, NOW))), [id], 'it is in force at once');
      let isRevoked = false;
      const reading = async (): Promise<void> => {
        for (;;) {
          // A reader that never waits would let nobody else have a turn.
          await new Promise((resolve) => setImmediate(resolve));
          const begunAfter = isRevoked;
          const [readable, listed] = await Promise.all([other.between(ADA, DOC, NOW), other.forGrantee(DOC, NOW)]);
          if (!begunAfter) continue;
          assert.equal([idsOf(valueOf(readable)), idsOf(valueOf(listed))], [[], []]);
          return;
        }
      };
      const reader = reading();
      valueOf(await store.revoke(ADA, consentId(id), NOW));
      isRevoked = true;
      await reader;
    }
  });

  test('of revocations at the same time the first time stays, and all are told the same', async ({ store, other }) => {
    valueOf(await store.insert(consent('a')));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => [store, other][i % 2]!.revoke(ADA, consentId('a'), NOW + i)),
    );
    const times = new Set(outcomes.map((outcome) => valueOf(outcome).revokedAtMs));
    assert.is(times.size, 1);
    assert.is(valueOf(await other.ofPatient(ADA))[0]?.revokedAtMs, [...times][0]);
  });

  test('a consent that is given again while it is revoked stays revoked', async ({ store, other }) => {
    for (let i = 0; i < 10; i++) {
      const id = `c${String(i)}`;
      valueOf(await store.insert(consent(id)));
      const [again, revoked] = await Promise.all([
        other.insert(consent(id)),
        store.revoke(ADA, consentId(id), NOW),
      ] as const);
      valueOf(again);
      valueOf(revoked);
      assert.equal(valueOf(await other.between(ADA, DOC, NOW)), []);
    }
  });

  run();
}
