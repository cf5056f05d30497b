import * as assert from 'uvu/assert';
import { userId } from '../../core/kernel/ids.ts';
import type { Answer } from './http-client.ts';
import type { Answers, Person } from './journey.ts';
import type { ServiceUnderFaults } from './service-under-faults.ts';

export const PASSWORD = 'Correct-horse-7';

export const register = ({ call }: ServiceUnderFaults, { email }: Person): Promise<Answer> =>
  call('POST', '/api/v1/auth/register', { json: { email, password: PASSWORD } });
export const login = ({ call }: ServiceUnderFaults, { email }: Person, password = PASSWORD): Promise<Answer> =>
  call('POST', '/api/v1/auth/login', { json: { email, password } });
export const refresh = ({ call }: ServiceUnderFaults, { refreshToken }: Person): Promise<Answer> =>
  call('POST', '/api/v1/auth/refresh', { json: { refresh_token: refreshToken } });
export const describeMe = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('GET', '/api/v1/auth/me', { token });

/** Somebody who has not registered yet. */
export const nobody = (email: string): Person => ({
  email,
  id: userId(''),
  token: '',
  refreshToken: '',
  upload: '',
  webhook: '',
  delivery: '',
  code: '',
});

/** A person who has registered. */
export async function registered(service: ServiceUnderFaults, email: string): Promise<Person> {
  const answer = await register(service, nobody(email));
  assert.is(answer.status, 201, answer.text);
  return bearerOf(email, answer);
}

/** Whoever the tokens of an answer say that they are for; the service is not asked. */
function bearerOf(email: string, { json }: Answer): Person {
  const token = String(json['access_token']);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly sub: string };
  return { ...nobody(email), id: userId(claims.sub), token, refreshToken: String(json['refresh_token']) };
}

/** The same of tokens that the service takes. */
export async function signedIn(service: ServiceUnderFaults, answer: Answer): Promise<Person> {
  const person = bearerOf('', answer);
  const me = await describeMe(service, person);
  assert.is(me.status, 200, me.text);
  assert.is(me.json['user_id'], person.id);
  return { ...person, email: String(me.json['email']) };
}

/** The whole way from the token to an answer works for this person. */
export async function assertTokensWork(service: ServiceUnderFaults, answer: Answer): Promise<void> {
  const person = await signedIn(service, answer);
  const refreshed = await refresh(service, person);
  assert.is(refreshed.status, 200, refreshed.text);
  await signedIn(service, refreshed);
}

/** There is one account of the address, and every token that was answered is good. */
export async function assertOneAccount(
  service: ServiceUnderFaults,
  person: Person,
  { first, last }: Answers,
): Promise<void> {
  const again = await register(service, person);
  assert.is(again.status, 409, again.text);
  const signed = await login(service, person);
  assert.is(signed.status, 200, signed.text);
  await assertTokensWork(service, signed);
  for (const answer of [first, last]) if (answer.status === 201) await assertTokensWork(service, answer);
}
