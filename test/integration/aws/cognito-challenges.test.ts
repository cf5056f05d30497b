import { createHmac } from 'node:crypto';
import {
  AdminCreateUserCommand,
  AssociateSoftwareTokenCommand,
  SetUserMFAPreferenceCommand,
  SetUserPoolMfaConfigCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoginChallenge, LoginStep } from '../../../core/auth/identity-ports.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { makePool, standIn } from '../../emulators/cognito.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { CLIENT_ID, recordedCognito, type Recorded } from './recorded-cognito.ts';

const challenges = suite('challenges of a login to Cognito');

const EMAIL = 'ada@example.org';
const PASSWORD = 'Correct1horse';
const TOKENS = { AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r', ExpiresIn: 900 } };

function challengeOf(step: LoginStep): LoginChallenge {
  if (!('challenge' in step)) throw new Error('expected a challenge, got tokens');
  return step.challenge;
}

/** RFC 6238 with the parameters that authenticator apps use. */
function totp(base32Secret: string, nowMs: number): string {
  const bits = Array.from(base32Secret.replaceAll('=', ''))
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

challenges('over the wire: a first password that an operator gave is replaced by one of its owner', async () => {
  const { identities, tokens, operator, userPoolId, close } = await makePool();
  await operator.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: EMAIL,
      TemporaryPassword: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: EMAIL }],
      MessageAction: 'SUPPRESS',
    }),
  );
  const { name, session } = challengeOf(valueOf(await identities.login(EMAIL, PASSWORD)));
  assert.is(name, 'new_password');
  const answer = 'Another2horse';
  const step = await identities.answer({ email: EMAIL, challenge: name, session, answer });
  valueOf(await tokens.verify(tokensOf(valueOf(step)).accessToken));
  tokensOf(valueOf(await identities.login(EMAIL, answer)));
  await close();
});

challenges('over the wire: a code of the authenticator is asked for, and no other one is taken', async () => {
  const { identities, operator, userPoolId, activate, close } = await makePool();
  valueOf(await identities.register({ email: EMAIL, password: PASSWORD, displayName: null }));
  await activate(EMAIL);
  await operator.send(
    new SetUserPoolMfaConfigCommand({
      UserPoolId: userPoolId,
      MfaConfiguration: 'OPTIONAL',
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  );
  const { accessToken } = tokensOf(valueOf(await identities.login(EMAIL, PASSWORD)));
  const associated = await operator.send(new AssociateSoftwareTokenCommand({ AccessToken: accessToken }));
  const secret = associated.SecretCode ?? '';
  const verify = { AccessToken: accessToken, UserCode: totp(secret, Date.now()) };
  await operator.send(new VerifySoftwareTokenCommand(verify));
  const preferred = { Enabled: true, PreferredMfa: true };
  await operator.send(
    new SetUserMFAPreferenceCommand({ AccessToken: accessToken, SoftwareTokenMfaSettings: preferred }),
  );

  const { name, session } = challengeOf(valueOf(await identities.login(EMAIL, PASSWORD)));
  assert.is(name, 'totp_code');
  const answered = (code: string) => identities.answer({ email: EMAIL, challenge: name, session, answer: code });
  const anHourAgo = totp(secret, Date.now() - 3_600_000);
  // moto takes any code.
  if ((await standIn()) !== 'moto') assert.equal(errorOf(await answered(anHourAgo)), { kind: 'invalid-code' });
  const tokens = tokensOf(valueOf(await answered(totp(secret, Date.now()))));
  assert.is.not(tokens.accessToken, '');
  await close();
});

/** The steps of one recorded login, with the requests that were made. */
async function recorded<T>(
  answers: Readonly<Record<string, Recorded | readonly Recorded[]>>,
  work: (cognito: Awaited<ReturnType<typeof recordedCognito>>) => Promise<T>,
): Promise<T> {
  const cognito = await recordedCognito(answers);
  try {
    return await work(cognito);
  } finally {
    await cognito.close();
  }
}

const asking = (name: string, parameters: Record<string, string> = {}): Recorded => ({
  ok: {
    ChallengeName: name,
    ChallengeParameters: { USER_ID_FOR_SRP: 'the-sub', ...parameters },
    Session: `session of ${name}`.replaceAll(' ', '-'),
  },
});

for (const [cognitoName, field, challenge] of [
  ['SOFTWARE_TOKEN_MFA', 'SOFTWARE_TOKEN_MFA_CODE', 'totp_code'],
  ['SMS_MFA', 'SMS_MFA_CODE', 'sms_code'],
  ['EMAIL_OTP', 'EMAIL_OTP_CODE', 'email_code'],
  ['NEW_PASSWORD_REQUIRED', 'NEW_PASSWORD', 'new_password'],
] as const) {
  challenges(`${cognitoName} is ${challenge}, and answered with the user's name in the pool`, async () => {
    const sentTo = { CODE_DELIVERY_DESTINATION: 'a***@e***' };
    const answers = { InitiateAuth: asking(cognitoName, sentTo), RespondToAuthChallenge: { ok: TOKENS } };
    await recorded(answers, async ({ provider, asked }) => {
      const step = challengeOf(valueOf(await provider.login(EMAIL, PASSWORD)));
      assert.equal([step.name, step.choices, step.sentTo, step.totpSecret], [challenge, [], 'a***@e***', null]);
      const given = { email: EMAIL, challenge: step.name, session: step.session, answer: 'Answer1' };
      assert.equal(tokensOf(valueOf(await provider.answer(given))).refreshToken, 'r');
      assert.equal(asked.at(-1)?.body, {
        ClientId: CLIENT_ID,
        ChallengeName: cognitoName,
        Session: `session-of-${cognitoName}`,
        ChallengeResponses: { USERNAME: 'the-sub', [field]: 'Answer1' },
      });
    });
  });
}

challenges('a factor is chosen from those that are offered and known', async () => {
  const offered = { MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA","CARRIER_PIGEON"]' };
  const answers = {
    InitiateAuth: asking('SELECT_MFA_TYPE', offered),
    RespondToAuthChallenge: asking('SOFTWARE_TOKEN_MFA'),
  };
  await recorded(answers, async ({ provider, asked }) => {
    const { name, session, choices } = challengeOf(valueOf(await provider.login(EMAIL, PASSWORD)));
    assert.equal([name, choices], ['choose_factor', ['sms_code', 'totp_code']]);
    const choose = (answer: string) => provider.answer({ email: EMAIL, challenge: name, session, answer });
    for (const answer of ['carrier_pigeon', 'SOFTWARE_TOKEN_MFA', '', 'new_password']) {
      assert.equal(errorOf(await choose(answer)), { kind: 'invalid-code' });
    }
    assert.is(asked.length, 1);
    assert.is(challengeOf(valueOf(await choose('totp_code'))).name, 'totp_code');
    const body = asked.at(-1)?.body as { readonly ChallengeResponses: object };
    assert.equal(body.ChallengeResponses, { USERNAME: 'the-sub', ANSWER: 'SOFTWARE_TOKEN_MFA' });
  });
});

challenges('an authenticator is set up within the login, each step with the session of the one before', async () => {
  const answers = {
    InitiateAuth: asking('MFA_SETUP', { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]' }),
    AssociateSoftwareToken: { ok: { SecretCode: 'JBSWY3DPEHPK3PXP', Session: 'session-2' } },
    VerifySoftwareToken: [{ ok: { Status: 'ERROR' } }, { ok: { Status: 'SUCCESS', Session: 'session-3' } }],
    RespondToAuthChallenge: { ok: TOKENS },
  };
  await recorded(answers, async ({ provider, asked }) => {
    const { name, session, totpSecret } = challengeOf(valueOf(await provider.login(EMAIL, PASSWORD)));
    assert.equal([name, totpSecret], ['totp_setup', 'JBSWY3DPEHPK3PXP']);
    const finish = () => provider.answer({ email: EMAIL, challenge: name, session, answer: '123456' });
    assert.equal(errorOf(await finish()), { kind: 'invalid-code' });
    tokensOf(valueOf(await finish()));
    const verified = { operation: 'VerifySoftwareToken', body: { Session: 'session-2', UserCode: '123456' } };
    assert.equal(asked.slice(1), [
      { operation: 'AssociateSoftwareToken', body: { Session: 'session-of-MFA_SETUP' } },
      verified,
      verified,
      {
        operation: 'RespondToAuthChallenge',
        body: {
          ClientId: CLIENT_ID,
          ChallengeName: 'MFA_SETUP',
          Session: 'session-3',
          ChallengeResponses: { USERNAME: 'the-sub' },
        },
      },
    ]);
  });
});

challenges(
  'a session goes on where Cognito gives no new one, and an older pool lets set up an authenticator',
  async () => {
    const answers = {
      InitiateAuth: { ok: { ChallengeName: 'MFA_SETUP', ChallengeParameters: {}, Session: 'only-session' } },
      AssociateSoftwareToken: { ok: { SecretCode: 'JBSWY3DPEHPK3PXP' } },
      VerifySoftwareToken: { ok: { Status: 'SUCCESS' } },
      RespondToAuthChallenge: { ok: TOKENS },
    };
    await recorded(answers, async ({ provider, asked }) => {
      const { name, session } = challengeOf(valueOf(await provider.login('ADA@example.org', PASSWORD)));
      tokensOf(valueOf(await provider.answer({ email: EMAIL, challenge: name, session, answer: '123456' })));
      assert.equal(asked.at(-1)?.body, {
        ClientId: CLIENT_ID,
        ChallengeName: 'MFA_SETUP',
        Session: 'only-session',
        ChallengeResponses: { USERNAME: EMAIL },
      });
    });
  },
);

challenges('what this program cannot answer is trouble of the pool that the operator can read of', async () => {
  for (const [answer, words] of [
    [asking('CUSTOM_CHALLENGE'), /CUSTOM_CHALLENGE/],
    [asking('DEVICE_SRP_AUTH'), /DEVICE_SRP_AUTH/],
    [asking('MFA_SETUP', { MFAS_CAN_SETUP: '["SMS_MFA"]' }), /SMS_MFA/],
    [asking('MFA_SETUP', { MFAS_CAN_SETUP: 'no JSON' }), /authenticator/],
    [asking('MFA_SETUP', { MFAS_CAN_SETUP: '{}' }), /authenticator/],
    [{ ok: { ChallengeName: 'SMS_MFA' } }, /no session/],
  ] as const) {
    await recorded({ InitiateAuth: answer }, async ({ provider }) => {
      const error = errorOf(await provider.login(EMAIL, PASSWORD));
      assert.ok(error.kind === 'port-unavailable' && !error.retryable, error.kind);
      assert.match(error.cause, words);
    });
  }
  const withoutSecret = { InitiateAuth: asking('MFA_SETUP'), AssociateSoftwareToken: { ok: {} } };
  await recorded(withoutSecret, async ({ provider }) => {
    assert.is(errorOf(await provider.login(EMAIL, PASSWORD)).kind, 'port-unavailable');
  });
});

challenges('a session that was not given out here is expired, and Cognito is not asked', async () => {
  await recorded({}, async ({ provider, asked }) => {
    const name = (text: string) => Buffer.from(text).toString('base64url');
    for (const session of [
      '',
      'x',
      '.x',
      'YWRh.',
      `YWRh.${'x'.repeat(2049)}`,
      'YWRh.x y',
      `${name('x'.repeat(129))}.x`,
      `${name('a\u0000b')}.x`,
      '____.x',
    ]) {
      const answered = provider.answer({ email: EMAIL, challenge: 'totp_setup', session, answer: '1' });
      assert.equal(errorOf(await answered), { kind: 'challenge-expired' }, session.slice(0, 20));
    }
    assert.equal(asked, []);
  });
});

challenges.run();
