import type * as t from 'io-ts';
import { errAsync, okAsync, type Result } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROUTES } from '../../../contracts/routes.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import type { LoginChallenge } from '../../../core/auth/identity-ports.ts';
import { authEndpoints } from '../../../hosts/express/endpoints/auth.ts';
import { Health } from '../../../hosts/express/health.ts';
import { ADA, codesAnswering, identitiesAnswering, knowing, TOKENS } from '../auth/identities.ts';
import { errorOf, valueOf } from '../result-values.ts';

type Codes = ReturnType<typeof codesAnswering>;
type AuthRoute = keyof ReturnType<typeof authEndpoints>;

const CHALLENGE: LoginChallenge = {
  name: 'choose_factor',
  session: 'session',
  choices: ['totp_code', 'sms_code'],
  sentTo: null,
  totpSecret: null,
};

function endpointsOver(
  codes: Codes = codesAnswering(),
  { identities }: Pick<ReturnType<typeof identitiesAnswering>, 'identities'> = identitiesAnswering(),
) {
  const { provider } = codes;
  return authEndpoints({
    identities,
    challenges: provider,
    confirmation: provider,
    recovery: provider,
    sessions: provider,
    knownPasswords: knowing(),
    signUpEnabled: true,
    health: new Health([], () => 0),
    version: '1',
  });
}

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls the endpoint of a route with a body that its codec takes, and holds the reply against the contract. */
async function ask(
  endpoints: ReturnType<typeof endpointsOver>,
  id: AuthRoute,
  body: object,
): Promise<Result<Reply, { readonly kind: string }>> {
  const route: RouteDefinition = ROUTES[id];
  const codec = route.body?.kind === 'json' ? route.body.codec : null;
  assert.is(codec?.is(body), true, `${id} takes ${JSON.stringify(body)}`);
  // The endpoint asks for no more of a request than this.
  const request = { body, principal: ADA, bearerToken: 'access' } as never;
  const outcome = (await endpoints[id](request)) as Result<Reply, { readonly kind: string }>;
  if (outcome.isOk()) {
    const response = route.responses[outcome.value.status];
    const promised: t.Mixed | null = response?.kind === 'json' ? response.codec : null;
    assert.is(promised?.is(outcome.value.body), true, `${id} answers ${JSON.stringify(outcome.value)}`);
  }
  return outcome;
}

const LOGIN = { email: 'ada@example.org', password: 'Correct1horse' };
const ANSWER = { email: 'ada@example.org', challenge: 'totp_code', session: 'session', answer: '123456' };

test('a login that is over after the password answers with tokens, one that is not with what is next', async () => {
  const over = valueOf(await ask(endpointsOver(), 'login', LOGIN));
  assert.equal([over.status, over.body['access_token'], over.body['token_type']], [200, 'access', 'bearer']);
  const asking = identitiesAnswering({ login: () => okAsync({ challenge: CHALLENGE }) });
  assert.equal(valueOf(await ask(endpointsOver(codesAnswering(), asking), 'login', LOGIN)), {
    status: 202,
    body: { challenge: 'choose_factor', session: 'session', choices: ['totp_code', 'sms_code'] },
  });
});

test('an answer leads to tokens or to the next challenge, with where a code went or the secret to set up', async () => {
  const over = codesAnswering();
  assert.is(valueOf(await ask(endpointsOver(over), 'answerChallenge', ANSWER)).status, 200);
  assert.equal(over.asked, [['answer', ANSWER]]);
  const next = async (change: Partial<LoginChallenge>) => {
    const codes = codesAnswering({ answer: () => okAsync({ challenge: { ...CHALLENGE, choices: [], ...change } }) });
    return valueOf(await ask(endpointsOver(codes), 'answerChallenge', ANSWER));
  };
  assert.equal(await next({ name: 'sms_code', sentTo: '+*******99' }), {
    status: 202,
    body: { challenge: 'sms_code', session: 'session', choices: [], sent_to: '+*******99' },
  });
  assert.equal(await next({ name: 'totp_setup', totpSecret: 'JBSWY3DP' }), {
    status: 202,
    body: { challenge: 'totp_setup', session: 'session', choices: [], totp_secret: 'JBSWY3DP' },
  });
});

test('a registration says whether the address must be confirmed or the person must log in', async () => {
  const registering = async (answers: Parameters<typeof identitiesAnswering>[0]) =>
    valueOf(await ask(endpointsOver(codesAnswering(), identitiesAnswering(answers)), 'register', LOGIN));
  assert.is((await registering({})).status, 201);
  const unconfirmed = { register: () => okAsync({ userId: ADA.userId, usable: false }) };
  assert.equal(await registering(unconfirmed), { status: 202, body: { requires_email_verification: true } });
  const challenged = { login: () => okAsync({ challenge: CHALLENGE }) };
  assert.equal(await registering(challenged), { status: 202, body: { requires_email_verification: false } });
});

test('codes are passed on, and each answer is that of the contract', async () => {
  const codes = codesAnswering();
  const endpoints = endpointsOver(codes);
  const email = 'ada@example.org';
  const replies = [
    await ask(endpoints, 'confirmEmail', { email, code: '123456' }),
    await ask(endpoints, 'resendConfirmation', { email }),
    await ask(endpoints, 'confirmEmailChange', { code: '123456' }),
    await ask(endpoints, 'forgotPassword', { email }),
    await ask(endpoints, 'resetPassword', { email, code: '123456', new_password: 'Correct1horse' }),
  ];
  assert.equal(
    replies.map((reply) => [valueOf(reply).status, valueOf(reply).body['status']]),
    [
      [200, 'confirmed'],
      [200, 'sent'],
      [200, 'confirmed'],
      [200, 'sent'],
      [200, 'reset'],
    ],
  );
  assert.equal(codes.asked, [
    ['confirm', email, '123456'],
    ['resend', email],
    ['confirmChange', 'access', '123456'],
    ['forgot', email],
    ['reset', { email, code: '123456', newPassword: 'Correct1horse' }],
  ]);
});

test('a weak password is named where the body has it', async () => {
  const weak = { kind: 'weak-password', unmet: ['must have a digit'] } as const;
  const endpoints = endpointsOver(codesAnswering({ answer: () => errAsync(weak), reset: () => errAsync(weak) }));
  const reset = { email: 'ada@example.org', code: '1', new_password: 'Correct1horse' };
  const answer = { ...ANSWER, challenge: 'new_password', answer: 'Correct1horse' };
  assert.equal(errorOf(await ask(endpoints, 'resetPassword', reset)), { ...weak, pointer: '/new_password' });
  assert.equal(errorOf(await ask(endpoints, 'answerChallenge', answer)), { ...weak, pointer: '/answer' });
  const mistyped = { ...ANSWER, email: 'ada' };
  assert.is(errorOf(await ask(endpoints, 'answerChallenge', mistyped)).kind, 'input-rejected');
});

test('a logout ends the session of its token, or everything, and takes nothing that it does not know', async () => {
  const codes = codesAnswering();
  const endpoints = endpointsOver(codes);
  for (const body of [
    {},
    { refresh_token: 'refresh' },
    { everywhere: false, refresh_token: null },
    { everywhere: true },
  ]) {
    assert.is(valueOf(await ask(endpoints, 'logout', body)).status, 200);
  }
  const session = { userId: ADA.userId, sessionId: ADA.sessionId, accessToken: 'access' };
  assert.equal(codes.asked, [
    ['revokeSession', { ...session, refreshToken: null }],
    ['revokeSession', { ...session, refreshToken: 'refresh' }],
    ['revokeSession', { ...session, refreshToken: null }],
    ['revokeAllSessions', { userId: ADA.userId, accessToken: 'access' }],
  ]);
  assert.is(ROUTES.logout.body.codec.is({ every_where: true }), false);
});

test('refreshing takes the token from the body, or else from the header', async () => {
  const over = identitiesAnswering();
  const endpoints = endpointsOver(codesAnswering(), over);
  valueOf(await ask(endpoints, 'refresh', { refresh_token: 'in the body' }));
  assert.is(valueOf(await ask(endpoints, 'refresh', {})).body['refresh_token'], TOKENS.refreshToken);
  assert.equal(over.asked, [
    ['refresh', 'in the body'],
    ['refresh', 'access'],
  ]);
});

test.run();
