import * as assert from 'uvu/assert';
import type { Role } from '../../../core/auth/token-ports.ts';
import { consentId, type Consent, type ConsentPurpose } from '../../../core/consent/model.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { prepareLife } from '../life.ts';
import { KEY } from '../measurements.ts';
import { refresh, registered } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

const CONSENT = consentId('0f8e6c1b-2a3d-4e5f-8091-a2b3c4d5e6f7');
const SOMEBODY = userId('22222222-2222-4222-8222-222222222222');
const REASON = 'Brought in unconscious, the last hours are needed.';
const DAY_MS = 86_400_000;

/** Whose data the person reads. */
const patients = new WeakMap<Person, Person>();
const patientOf = (person: Person): UserId => patients.get(person)?.id ?? userId('');

async function prepareConsent(
  { storage, clock }: ServiceUnderFaults,
  patient: UserId,
  grantee: UserId,
  purpose: ConsentPurpose,
): Promise<void> {
  const consent: Consent = {
    patient,
    consentId: CONSENT,
    grantee,
    purpose,
    dataTypes: purpose === 'care' ? ['step_count', 'analyses', 'insights'] : ['step_count'],
    createdAtMs: clock.now(),
    endsAtMs: clock.now() + 300 * DAY_MS,
    revokedAtMs: null,
  };
  valueOf(await storage.consents.insert(consent));
}

/** The person has the role, and a patient whose whole life is there. */
const preparePatient =
  (role: Role, purpose: ConsentPurpose | null) =>
  async (service: ServiceUnderFaults, person: Person): Promise<void> => {
    const patient = await registered(service, `patient-of-${person.email}`);
    await prepareLife(service, patient);
    patients.set(person, patient);
    valueOf(await service.storage.people.accounts.setRoles(person.id, ['patient', role]));
    const { json } = await refresh(service, person);
    person.token = String(json['access_token']);
    person.refreshToken = String(json['refresh_token']);
    if (purpose !== null) await prepareConsent(service, patient.id, person.id, purpose);
  };

const givenTo = (grantee: UserId, service: ServiceUnderFaults) => ({
  grantee,
  purpose: 'care',
  data_types: ['step_count'],
  ends_at: new Date(service.clock.now() + 30 * DAY_MS).toISOString(),
});

/** The body of each person's call, which is the same when it is sent again. */
const bodies = new WeakMap<Person, ReturnType<typeof givenTo>>();

const place = (person: Person, what: string): string => `/api/v1/patients/${patientOf(person)}/${what}`;
const QUERY = 'metric_type=step_count&from=2025-02-17T00:00:00Z&to=2025-02-18T00:00:00Z&timezone=local';

async function readFirstParticipant({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> {
  const participants = await call('GET', '/api/v1/research/participants', { token });
  if (participants.status !== 200) return participants;
  const [first] = participants.json['data'] as readonly { readonly pseudonym: string }[];
  const query = 'metric_type=step_count&from=2024-08-01T00:00&to=2025-09-01T00:00&resolution=day';
  return call('GET', `/api/v1/research/participants/${first?.pseudonym ?? ''}/series?${query}`, { token });
}

const dataOf = ({ json }: Answer): string => JSON.stringify(json['data']);

/** Consents, and what is read because of them or in an emergency. */
export const SHARING_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'give a consent',
    route: 'giveConsent',
    prepare: (service, person) => {
      bodies.set(person, givenTo(SOMEBODY, service));
      return Promise.resolve();
    },
    send: ({ call }, person) =>
      call('POST', '/api/v1/consents', { token: person.token, key: KEY, json: bodies.get(person) }),
    verify: async ({ storage, clock }, { id }, { last }) => {
      const given = valueOf(await storage.consents.ofPatient(id));
      assert.equal(
        given.map((consent) => consent.consentId),
        [last.json['consent_id']],
      );
      const found = valueOf(await storage.consents.forGrantee(SOMEBODY, clock.now()));
      assert.is(found.filter(({ patient }) => patient === id).length, 1);
    },
  },
  reading({
    name: 'list consents',
    route: 'listConsents',
    prepare: (service, { id }) => prepareConsent(service, id, SOMEBODY, 'care'),
    send: getting('/api/v1/consents'),
  }),
  reading({
    name: 'list who looked in an emergency',
    route: 'listEmergencies',
    prepare: async ({ storage, clock }, { id }) => {
      const openedAtMs = clock.now();
      const times = { openedAtMs, endsAtMs: openedAtMs + DAY_MS / 24 };
      valueOf(
        await storage.consents.insertEmergency({
          patient: id,
          accessId: 'one',
          clinician: SOMEBODY,
          reason: REASON,
          ...times,
        }),
      );
    },
    send: getting('/api/v1/consents/emergencies'),
  }),
  {
    kind: 'request',
    name: 'take a consent back',
    route: 'revokeConsent',
    prepare: (service, { id }) => prepareConsent(service, id, SOMEBODY, 'care'),
    send: ({ call }, { token }) => call('DELETE', `/api/v1/consents/${CONSENT}`, { token }),
    verify: async ({ storage, clock }, { id }, { last }) => {
      assert.is(last.json['in_force'], false);
      assert.equal(valueOf(await storage.consents.between(id, SOMEBODY, clock.now())), []);
    },
  },
  reading({
    name: 'list patients',
    route: 'listPatients',
    prepare: preparePatient('clinician', 'care'),
    send: getting('/api/v1/patients'),
  }),
  reading({
    name: "read a patient's series",
    route: 'readPatientSeries',
    prepare: preparePatient('clinician', 'care'),
    send: getting((person) => place(person, `series?${QUERY}`)),
  }),
  reading({
    name: "read a patient's analysis",
    route: 'readPatientAnalysis',
    prepare: preparePatient('clinician', 'care'),
    send: getting((person) => place(person, 'analysis')),
  }),
  reading(
    {
      name: "list a patient's insights",
      route: 'listPatientInsights',
      prepare: preparePatient('clinician', 'care'),
      send: getting((person) => place(person, 'insights')),
    },
    dataOf,
  ),
  {
    kind: 'request',
    name: "open a patient's data in an emergency",
    route: 'breakGlass',
    prepare: preparePatient('clinician', null),
    send: async ({ call, mailed }, person) => {
      const answer = await call('POST', place(person, 'break-glass'), {
        token: person.token,
        key: KEY,
        json: { reason: REASON, minutes: 60 },
      });
      await mailed();
      return answer;
    },
    verify: async ({ storage }, person, { last }) => {
      const accesses = valueOf(await storage.consents.emergencies(patientOf(person)));
      assert.equal(
        accesses.map(({ accessId, clinician }) => [accessId, clinician]),
        [[last.json['access_id'], person.id]],
      );
    },
  },
  reading({
    name: 'list participants',
    route: 'listParticipants',
    prepare: preparePatient('researcher', 'research'),
    send: getting('/api/v1/research/participants'),
  }),
  reading({
    name: "read a participant's series",
    route: 'readParticipantSeries',
    prepare: preparePatient('researcher', 'research'),
    send: readFirstParticipant,
  }),
];
