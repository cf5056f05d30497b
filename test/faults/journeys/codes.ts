import * as assert from 'uvu/assert';
import { MAIL_PACE } from '../../../adapters/local-identity/mailed-codes.ts';
import type { Answer } from '../http-client.ts';
import type { Journey, Person } from '../journey.ts';
import { describeMe, login, refresh } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

const NEW_PASSWORD = 'Another-horse-8';

/** The address that a person changes to. */
const newAddress = ({ email }: Person): string => `new-${email}`;

type Ask = (service: ServiceUnderFaults, person: Person) => Promise<Answer>;

const forgot: Ask = ({ call }, { email }) => call('POST', '/api/v1/auth/forgot-password', { json: { email } });
const resend: Ask = ({ call }, { email }) => call('POST', '/api/v1/auth/resend-confirmation', { json: { email } });
const changeAddress: Ask = ({ call }, person) =>
  call('PUT', '/api/v1/auth/me', { token: person.token, json: { email: newAddress(person) } });

const reset: Ask = ({ call }, { email, code }) =>
  call('POST', '/api/v1/auth/reset-password', { json: { email, code, new_password: NEW_PASSWORD } });
const confirm: Ask = ({ call }, { email, code }) =>
  call('POST', '/api/v1/auth/confirm-email', { json: { email, code } });
const confirmChange: Ask = ({ call }, { token, code }) =>
  call('POST', '/api/v1/auth/confirm-email-change', { token, json: { code } });

/** The codes that were mailed to the person, the newest last. */
const mailedCodes = ({ outbox }: ServiceUnderFaults, { id }: Person): readonly string[] =>
  outbox.messages
    .filter(({ owner }) => owner === id)
    .flatMap(({ text }) => /^ {4}([A-Z2-7]{4}-[A-Z2-7]{4})$/m.exec(text)?.[1] ?? []);

const lastCode = (service: ServiceUnderFaults, person: Person): string | null =>
  mailedCodes(service, person).at(-1) ?? null;

/** Asks, and waits for the mail, which leaves after the answer. */
const asking =
  (ask: Ask): Ask =>
  async (service, person) => {
    const answer = await ask(service, person);
    await service.mailed();
    return answer;
  };

/** Asks for a code, in another minute than before. */
async function newCode(service: ServiceUnderFaults, person: Person, ask: Ask): Promise<void> {
  service.clock.nowMs += MAIL_PACE.pauseMs;
  const answer = await asking(ask)(service, person);
  assert.is(answer.status, 200, answer.text);
  const code = lastCode(service, person);
  assert.ok(code !== null && code !== person.code, 'a new code was mailed');
  person.code = code;
}

/** The codes of the person that were mailed so far are none or one, and one that was mailed is good. */
async function codeThatWorks(service: ServiceUnderFaults, person: Person, ask: Ask, use: Ask): Promise<void> {
  assert.ok(mailedCodes(service, person).length <= 1, 'asking twice within a minute mails once');
  const code = lastCode(service, person);
  if (code !== null) person.code = code;
  // Whose mail was lost asks again a minute later.
  else await newCode(service, person, ask);
  const used = await use(service, person);
  assert.is(used.status, 200, used.text);
}

/** What the code is for has happened; where the code was used up in vain, a new one makes it happen. */
async function assertSpent(
  service: ServiceUnderFaults,
  person: Person,
  { ask, use, isDone }: { readonly ask: Ask; readonly use: Ask; readonly isDone: () => Promise<boolean> },
): Promise<void> {
  if (!(await isDone())) {
    await newCode(service, person, ask);
    const used = await use(service, person);
    assert.is(used.status, 200, used.text);
    assert.ok(await isDone());
  }
  assert.is((await use(service, person)).json['code'], 'expired-code', 'a code is good once');
}

async function assertNewPassword(service: ServiceUnderFaults, person: Person): Promise<void> {
  assert.is((await refresh(service, person)).status, 401, 'the session has ended');
  assert.is((await login(service, person)).status, 401, 'the old password is worth nothing');
  assert.is((await login(service, person, NEW_PASSWORD)).status, 200);
}

async function assertReset(service: ServiceUnderFaults, person: Person): Promise<void> {
  const isDone = async (): Promise<boolean> => (await login(service, person, NEW_PASSWORD)).status === 200;
  await assertSpent(service, person, { ask: forgot, use: reset, isDone });
  await assertNewPassword(service, person);
}

async function isVerified(service: ServiceUnderFaults, person: Person, email: string): Promise<boolean> {
  const { json } = await describeMe(service, person);
  return json['email'] === email && json['email_verified'] === true;
}

/** Codes that are sent by mail, and what they are good for. */
export const CODE_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'ask for a code to set a new password',
    route: 'forgotPassword',
    send: asking(forgot),
    verify: async (service, person) => {
      await codeThatWorks(service, person, forgot, reset);
      await assertNewPassword(service, person);
    },
  },
  {
    kind: 'request',
    name: 'set a new password',
    route: 'resetPassword',
    prepare: (service, person) => newCode(service, person, forgot),
    send: reset,
    // The code was used up, and only the answer was lost.
    doneAlready: ['expired-code'],
    verify: (service, person) => assertReset(service, person),
  },
  {
    kind: 'request',
    name: 'set a new password that is not written',
    route: 'resetPassword',
    besides: { port: 'AccountStore', method: 'update', call: 1, kind: 'throttle', moment: 'before' },
    strikes: ['EmailedCodes.release'],
    prepare: (service, person) => newCode(service, person, forgot),
    send: reset,
    // Where the code could not be made good again, a new one has to be asked for.
    doneAlready: ['expired-code'],
    verify: (service, person) => assertReset(service, person),
  },
  {
    kind: 'request',
    name: 'ask for another code to confirm my address',
    route: 'resendConfirmation',
    strikes: ['EmailConfirmation.resend', 'AccountStore.byEmailKey', 'EmailedCodes.issue', 'Mailer.send'],
    send: asking(resend),
    verify: async (service, person) => {
      await codeThatWorks(service, person, resend, confirm);
      assert.ok(await isVerified(service, person, person.email));
    },
  },
  {
    kind: 'request',
    name: 'confirm my address',
    route: 'confirmEmail',
    prepare: (service, person) => newCode(service, person, resend),
    send: confirm,
    doneAlready: ['expired-code'],
    verify: (service, person) => {
      const isDone = (): Promise<boolean> => isVerified(service, person, person.email);
      return assertSpent(service, person, { ask: resend, use: confirm, isDone });
    },
  },
  {
    kind: 'request',
    name: 'change my address',
    route: 'updateMe',
    send: asking(changeAddress),
    verify: async (service, person) => {
      assert.is((await describeMe(service, person)).json['email'], person.email, 'the old one stays until then');
      await codeThatWorks(service, person, changeAddress, confirmChange);
      assert.ok(await isVerified(service, person, newAddress(person)));
    },
  },
  {
    kind: 'request',
    name: 'confirm the address that I changed to',
    route: 'confirmEmailChange',
    prepare: (service, person) => newCode(service, person, changeAddress),
    send: confirmChange,
    doneAlready: ['expired-code'],
    verify: (service, person) => {
      const isDone = (): Promise<boolean> => isVerified(service, person, newAddress(person));
      return assertSpent(service, person, { ask: changeAddress, use: confirmChange, isDone });
    },
  },
];
