import * as assert from 'uvu/assert';
import type { Journey } from '../journey.ts';
import { reading } from '../journey.ts';
import { assertOneAccount, assertTokensWork, describeMe, login, refresh, register } from '../people.ts';

const WRONG_PASSWORD = 'Wrong-horse-7';
const LOCK_MS = 15 * 60_000;
/** More than what unwrapped keys are remembered. */
const KEYS_REMEMBERED_MS = 2 * 60_000;

/** Registering, logging in and out, and who somebody is. */
export const ACCOUNT_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'register',
    route: 'register',
    // Such as making the signing key.
    once: true,
    stranger: true,
    send: register,
    doneAlready: ['resource-conflict'],
    verify: assertOneAccount,
  },
  {
    kind: 'request',
    name: 'log in',
    route: 'login',
    send: login,
    verify: (service, _person, { last }) => assertTokensWork(service, last),
  },
  {
    kind: 'request',
    name: 'log in when no key is remembered any more',
    route: 'login',
    strikes: ['DataKeys.find', 'KeyWrapper.unwrap'],
    prepare: (service) => {
      service.clock.nowMs += KEYS_REMEMBERED_MS;
      return Promise.resolve();
    },
    send: login,
    verify: (service, _person, { last }) => assertTokensWork(service, last),
  },
  {
    kind: 'request',
    name: 'log in with a wrong password',
    route: 'login',
    strikes: ['LoginAttempts.lockedUntil', 'LoginAttempts.recordFailure'],
    refusal: 'invalid-credentials',
    send: (service, person) => login(service, person, WRONG_PASSWORD),
    verify: async (service, person) => {
      const signed = await login(service, person);
      assert.is(signed.status, 200, 'no failure was counted that often');
      const guesses: number[] = [];
      for (let i = 0; i < 4; i++) guesses.push((await login(service, person, WRONG_PASSWORD)).status);
      assert.equal(guesses, [401, 401, 401, 429], 'every failure is counted once');
      assert.is((await login(service, person)).status, 429, 'whoever knows the password waits too');
      service.clock.nowMs += LOCK_MS;
      assert.is((await login(service, person)).status, 200);
    },
  },
  {
    kind: 'request',
    name: 'answer a challenge that was never put',
    route: 'answerChallenge',
    refusal: 'challenge-expired',
    send: ({ call }, { email }) =>
      call('POST', '/api/v1/auth/challenge', {
        json: { email, challenge: 'totp_code', session: 's', answer: '123456' },
      }),
    verify: () => Promise.resolve(),
  },
  {
    kind: 'request',
    name: 'refresh',
    route: 'refresh',
    send: refresh,
    verify: (service, _person, { last }) => assertTokensWork(service, last),
  },
  {
    kind: 'request',
    name: 'log out',
    route: 'logout',
    send: ({ call }, { token }) => call('POST', '/api/v1/auth/logout', { token }),
    verify: async (service, person, { last }) => {
      assert.is(last.status, 200, last.text);
      assert.is((await refresh(service, person)).status, 401, 'the session has ended');
    },
  },
  {
    kind: 'request',
    name: 'log out everywhere',
    route: 'logout',
    send: ({ call }, { token }) => call('POST', '/api/v1/auth/logout', { token, json: { everywhere: true } }),
    verify: async (service, person) => {
      assert.is((await refresh(service, person)).status, 401, 'the session has ended');
      await assertTokensWork(service, await login(service, person));
    },
  },
  reading({ name: 'read who I am', route: 'describeMe', strikes: 'everything', send: describeMe }),
  {
    kind: 'request',
    name: 'change who I am',
    route: 'updateMe',
    strikes: 'everything',
    send: ({ call }, { token }) => call('PUT', '/api/v1/auth/me', { token, json: { display_name: 'Ada' } }),
    verify: async (service, person) => {
      assert.is((await describeMe(service, person)).json['display_name'], 'Ada');
    },
  },
];
