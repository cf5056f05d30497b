import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { giveConsent, revokeConsent } from '../../../core/consent/give-consent.ts';
import { listPatients } from '../../../core/consent/list-patients.ts';
import { mayReadPatient } from '../../../core/consent/may-read.ts';
import { consentId, MOST_CONSENTS_IN_FORCE, type Consent } from '../../../core/consent/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { ADA, CLINICIAN, consentAt, DAY, DOC, HOUR, reader, sharing } from './sharing.ts';

const ABSENT = { kind: 'not-found', resource: 'patient', id: ADA };

const given = async (...changes: readonly Partial<Consent>[]) => {
  const world = sharing();
  const nowMs = world.clock.now();
  for (const [i, change] of changes.entries()) {
    valueOf(await world.consents.insert(consentAt(nowMs, { consentId: consentId(`c${String(i)}`), ...change })));
  }
  return { ...world, nowMs, mayRead: mayReadPatient(world) };
};

test('a consent to care opens the types that it names, and no others', async () => {
  const { mayRead } = await given({ dataTypes: ['heart_rate', 'analyses'] });
  const ground = { kind: 'consent', consentId: 'c0' };
  assert.equal(valueOf(await mayRead(CLINICIAN, ADA, 'heart_rate')), ground);
  assert.equal(valueOf(await mayRead(CLINICIAN, ADA, 'analyses')), ground);
  for (const type of ['step_count', 'biometric_data.heart_rate', 'insights'] as const) {
    assert.equal(errorOf(await mayRead(CLINICIAN, ADA, type)), ABSENT);
  }
});

test('it opens nothing before it was given, at its end or after', async () => {
  const { mayRead, clock, nowMs } = await given({});
  for (const [atMs, isReadable] of [
    [nowMs - 1, false],
    [nowMs, true],
    [nowMs + DAY - 1, true],
    [nowMs + DAY, false],
    [nowMs + DAY + 1, false],
  ] as const) {
    clock.nowMs = atMs;
    assert.is((await mayRead(CLINICIAN, ADA, 'heart_rate')).isOk(), isReadable, String(atMs - nowMs));
  }
});

test('it opens nothing from its revocation on, and another one still does', async () => {
  const { mayRead, consents, clock } = await given({}, { dataTypes: ['step_count'] });
  clock.nowMs += HOUR;
  const revoked = valueOf(await revokeConsent({ consents, clock })(ADA, consentId('c0')));
  assert.is(revoked.revokedAtMs, clock.nowMs);
  assert.equal(errorOf(await mayRead(CLINICIAN, ADA, 'heart_rate')), ABSENT);
  assert.ok((await mayRead(CLINICIAN, ADA, 'step_count')).isOk());
});

test('a consent to research opens nothing under a name, and one for somebody else nothing to others', async () => {
  const { mayRead } = await given({ purpose: 'research' }, { grantee: userId('other') });
  assert.equal(errorOf(await mayRead(CLINICIAN, ADA, 'heart_rate')), ABSENT);
  assert.equal(errorOf(await mayRead(reader(userId('else'), 'clinician'), ADA, 'heart_rate')), ABSENT);
});

test('without the role it opens nothing, also where the role was there before', async () => {
  const { mayRead } = await given({});
  for (const roles of [[], ['patient'], ['researcher'], ['admin'], ['patient', 'researcher', 'admin']] as const) {
    assert.equal(errorOf(await mayRead(reader(DOC, ...roles), ADA, 'heart_rate')), ABSENT, roles.join());
  }
});

test('patients are listed with each type until the last consent to it ends', async () => {
  const ben = userId('ben');
  const { consents, clock, nowMs } = await given(
    { dataTypes: ['heart_rate', 'step_count'] },
    { dataTypes: ['heart_rate'], endsAtMs: nowMs0() + 2 * DAY },
    { patient: ben, dataTypes: ['insights'] },
    { dataTypes: ['blood_glucose'], purpose: 'research' },
    { dataTypes: ['vo2_max'], revokedAtMs: 5 },
    { dataTypes: ['body_mass'], grantee: ben },
  );
  assert.equal(valueOf(await listPatients({ consents, clock })(DOC)), [
    {
      patient: ADA,
      readable: [
        { type: 'heart_rate', untilMs: nowMs + 2 * DAY },
        { type: 'step_count', untilMs: nowMs + DAY },
      ],
    },
    { patient: ben, readable: [{ type: 'insights', untilMs: nowMs + DAY }] },
  ]);
});

/** When every world begins. */
const nowMs0 = (): number => sharing().clock.now();

test('what cannot be agreed to is refused by its place', async () => {
  const world = sharing();
  const nowMs = world.clock.now();
  const right = {
    patient: ADA,
    grantee: DOC,
    purpose: 'care',
    dataTypes: ['insights'],
    endsAtMs: nowMs + DAY,
  } as const;
  for (const [change, pointer] of [
    [{ grantee: ADA }, '/grantee'],
    [{ endsAtMs: nowMs }, '/ends_at'],
    [{ endsAtMs: nowMs + 366 * DAY + 1 }, '/ends_at'],
    [{ purpose: 'research', dataTypes: ['heart_rate', 'insights'] }, '/data_types/1'],
    [{ purpose: 'research', dataTypes: ['analyses'] }, '/data_types/0'],
  ] as const) {
    const error = errorOf(await giveConsent(world)({ ...right, ...change }));
    assert.equal(error.kind === 'input-rejected' && error.issues.map((issue) => issue.pointer), [pointer]);
  }
  assert.equal(valueOf(await world.consents.ofPatient(ADA)), []);
  valueOf(await giveConsent(world)({ ...right, endsAtMs: nowMs + 366 * DAY }));
});

test('a type that is named twice is agreed to once, and a call made again gives one consent', async () => {
  const world = sharing();
  const command = {
    patient: ADA,
    grantee: DOC,
    purpose: 'care',
    dataTypes: ['insights', 'heart_rate', 'insights'],
    endsAtMs: world.clock.now() + DAY,
  } as const;
  const ids = { uuid: () => 'the same' };
  const consent = valueOf(await giveConsent({ ...world, ids })(command));
  assert.equal(consent.dataTypes, ['insights', 'heart_rate']);
  assert.equal(valueOf(await giveConsent({ ...world, ids })(command)), consent);
  assert.equal(valueOf(await world.consents.ofPatient(ADA)), [consent]);
});

test('so many may be in force; those that ended or were revoked leave room', async () => {
  const world = sharing();
  const command = {
    patient: ADA,
    grantee: DOC,
    purpose: 'care',
    dataTypes: ['insights'],
    endsAtMs: world.clock.now() + DAY,
  } as const;
  for (let i = 0; i < MOST_CONSENTS_IN_FORCE; i++) valueOf(await giveConsent(world)(command));
  assert.is(errorOf(await giveConsent(world)(command)).kind, 'limit-reached');
  const [first] = valueOf(await world.consents.ofPatient(ADA));
  valueOf(await revokeConsent(world)(ADA, first!.consentId));
  valueOf(await giveConsent(world)(command));
  world.clock.nowMs += DAY;
  valueOf(await giveConsent(world)({ ...command, endsAtMs: world.clock.nowMs + DAY }));
});

test.run();
