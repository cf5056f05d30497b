import { createHmac } from 'node:crypto';
import * as assert from 'uvu/assert';
import { fromBase32 } from '../../../core/auth/base32.ts';
import { codeAt, stepAt, TOTP_STEP_MS } from '../../../core/auth/totp.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { assertTokensWork, login, refresh } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

const TOTP = '/api/v1/auth/totp';

/** What is in the authenticator apps of the people of the journeys, and where their logins have come to. */
const secrets = new WeakMap<Person, string>();
const halfLogins = new WeakMap<Person, string>();

/** The session that a person's token belongs to. */
const sessionOf = ({ token }: Person): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly sid: string }).sid;

/** What the person's app shows now. */
function codeNow({ clock }: ServiceUnderFaults, person: Person): string {
  const key = fromBase32(secrets.get(person) ?? '');
  assert.ok(key);
  return codeAt((hmacKey, message) => createHmac('sha1', hmacKey).update(message).digest(), key, stepAt(clock.now()));
}

async function begin({ call }: ServiceUnderFaults, person: Person): Promise<Answer> {
  const answer = await call('POST', TOTP, { token: person.token });
  if (answer.status === 200) secrets.set(person, String(answer.json['secret']));
  return answer;
}

const confirm = (service: ServiceUnderFaults, person: Person): Promise<Answer> =>
  service.call('POST', `${TOTP}/confirm`, { token: person.token, json: { code: codeNow(service, person) } });

/** Sets a second factor up, in a step before the present one. */
async function setUp(service: ServiceUnderFaults, person: Person): Promise<void> {
  assert.is((await begin(service, person)).status, 200);
  const confirmed = await confirm(service, person);
  assert.is(confirmed.status, 200, confirmed.text);
  service.clock.nowMs += TOTP_STEP_MS;
}

async function beginLogin(service: ServiceUnderFaults, person: Person): Promise<void> {
  const step = await login(service, person);
  assert.is(step.status, 202, step.text);
  halfLogins.set(person, String(step.json['session']));
}

const finishLogin = (service: ServiceUnderFaults, person: Person): Promise<Answer> =>
  service.call('POST', '/api/v1/auth/challenge', {
    json: {
      email: person.email,
      challenge: 'totp_code',
      session: halfLogins.get(person),
      answer: codeNow(service, person),
    },
  });

/** The second factor is there, and lets its owner in. */
async function assertFactor(service: ServiceUnderFaults, person: Person): Promise<void> {
  service.clock.nowMs += TOTP_STEP_MS;
  await beginLogin(service, person);
  await assertTokensWork(service, await finishLogin(service, person));
}

/** Sessions and second factors. */
export const SECURITY_JOURNEYS: readonly Journey[] = [
  reading({ name: 'see where I am logged in', route: 'listSessions', send: getting('/api/v1/auth/sessions') }),
  {
    kind: 'request',
    name: 'end a session',
    route: 'endSession',
    send: ({ call }, person) => call('DELETE', `/api/v1/auth/sessions/${sessionOf(person)}`, { token: person.token }),
    doneAlready: ['resource-not-found'],
    verify: async (service, person) => {
      assert.is((await refresh(service, person)).status, 401, 'the session has ended');
      await assertTokensWork(service, await login(service, person));
    },
  },
  {
    kind: 'request',
    name: 'begin a second factor',
    route: 'beginTotp',
    send: begin,
    verify: async (service, person) => {
      assert.is((await login(service, person)).status, 200, 'nothing is asked for yet');
      assert.is((await confirm(service, person)).status, 200);
      await assertFactor(service, person);
    },
  },
  {
    kind: 'request',
    name: 'confirm a second factor',
    route: 'confirmTotp',
    prepare: async (service, person) => {
      await begin(service, person);
    },
    send: confirm,
    // It was enabled, and only the answer was lost.
    doneAlready: ['resource-conflict'],
    verify: assertFactor,
  },
  {
    kind: 'request',
    name: 'log in with a second factor',
    route: 'answerChallenge',
    prepare: async (service, person) => {
      await setUp(service, person);
      await beginLogin(service, person);
    },
    send: finishLogin,
    // The code was used up, or the session was begun, and only the answer was lost.
    doneAlready: ['invalid-code', 'challenge-expired'],
    verify: async (service, person, { last }) => {
      if (last.status === 200) await assertTokensWork(service, last);
      await assertFactor(service, person);
    },
  },
  {
    kind: 'request',
    name: 'take a second factor away',
    route: 'removeTotp',
    prepare: setUp,
    send: (service, person) =>
      service.call('DELETE', TOTP, { token: person.token, json: { code: codeNow(service, person) } }),
    // It was taken away, and only the answer was lost.
    doneAlready: ['invalid-code'],
    verify: async (service, person) => {
      await assertTokensWork(service, await login(service, person));
    },
  },
];
