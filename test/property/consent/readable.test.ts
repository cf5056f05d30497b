import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Role } from '../../../core/auth/token-ports.ts';
import { mayReadPatient } from '../../../core/consent/may-read.ts';
import { consentId, type Consent, type ConsentedType, type EmergencyAccess } from '../../../core/consent/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { participantsOf } from '../../../core/research/participants.ts';
import { studyKeyOf } from '../../../adapters/node/study-key.ts';
import { sharing } from '../../unit/consent/sharing.ts';
import { valueOf } from '../../unit/result-values.ts';

const PEOPLE = ['ada', 'ben', 'doc', 'ida'].map(userId);
const TYPES: readonly ConsentedType[] = ['heart_rate', 'step_count', 'activity_data.steps', 'analyses', 'insights'];
const ROLES: readonly Role[] = ['patient', 'clinician', 'researcher', 'admin'];
const studyKey = studyKeyOf('a key of the property, of enough characters');

const person = fc.constantFrom(...PEOPLE);
/** Few instants, so that beginnings and ends meet. */
const instant = fc.integer({ min: 0, max: 12 });

const consent: fc.Arbitrary<Consent> = fc.record({
  patient: person,
  consentId: fc.uuid().map(consentId),
  grantee: person,
  purpose: fc.constantFrom('care', 'research'),
  dataTypes: fc.subarray([...TYPES], { minLength: 1 }),
  createdAtMs: instant,
  endsAtMs: instant,
  revokedAtMs: fc.option(instant, { nil: null, freq: 3 }),
});

const access: fc.Arbitrary<EmergencyAccess> = fc.record({
  patient: person,
  accessId: fc.uuid(),
  clinician: fc.option(person, { nil: null, freq: 5 }),
  reason: fc.constant('a reason of at least a few words'),
  openedAtMs: instant,
  endsAtMs: instant,
});

const reader = fc.record({ userId: person, roles: fc.subarray([...ROLES]) });

test('nothing is readable that no consent in force names and no emergency has opened, and all that is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(consent, { maxLength: 8 }),
      fc.array(access, { maxLength: 3 }),
      reader,
      person,
      fc.constantFrom(...TYPES),
      instant,
      async (consents, accesses, who, patient, type, nowMs) => {
        const world = sharing();
        world.clock.nowMs = nowMs;
        for (const each of consents) valueOf(await world.consents.insert(each));
        for (const each of accesses) valueOf(await world.consents.insertEmergency(each));
        // Written once more in its own words, without anything of the core.
        const isConsented = consents.some(
          (each) =>
            each.patient === patient &&
            each.grantee === who.userId &&
            each.purpose === 'care' &&
            each.dataTypes.includes(type) &&
            each.createdAtMs <= nowMs &&
            each.endsAtMs > nowMs &&
            each.revokedAtMs === null,
        );
        const isOpened = accesses.some(
          (each) =>
            each.patient === patient &&
            each.clinician === who.userId &&
            each.openedAtMs <= nowMs &&
            each.endsAtMs > nowMs,
        );
        const expected = who.roles.includes('clinician') && (isConsented || isOpened);
        assert.is((await mayReadPatient(world)(who, patient, type)).isOk(), expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('participants are those with a consent to research in force, with the series that it names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(consent, { maxLength: 8 }), person, instant, async (consents, researcher, nowMs) => {
      const world = sharing();
      world.clock.nowMs = nowMs;
      for (const each of consents) valueOf(await world.consents.insert(each));
      const found = valueOf(await participantsOf({ ...world, studyKey })(researcher));
      const expected = PEOPLE.map((patient) => {
        const given = consents.filter(
          (each) =>
            each.patient === patient &&
            each.grantee === researcher &&
            each.purpose === 'research' &&
            each.createdAtMs <= nowMs &&
            each.endsAtMs > nowMs &&
            each.revokedAtMs === null,
        );
        const types = new Set(given.flatMap(({ dataTypes }) => dataTypes));
        return [patient, [...types].filter((type) => type !== 'analyses' && type !== 'insights').sort()] as const;
      }).filter(([, types]) => types.length > 0);
      assert.equal(new Map(found.map(({ patient, dataTypes }) => [patient, dataTypes])), new Map(expected));
    }),
    { numRuns: 300 },
  );
});

test.run();
