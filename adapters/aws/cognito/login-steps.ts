import type {
  AuthenticationResultType,
  ChallengeNameType,
  InitiateAuthCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { err, ok, type Result } from 'neverthrow';
import type { ChallengeName, LoginChallenge, TokenSet } from '../../../core/auth/identity-ports.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';

/** How Cognito names a challenge, and the answer to it. */
interface CognitoChallenge {
  readonly name: ChallengeNameType;
  readonly answerField: string;
}

/** The challenges that can be answered here. Set-up of an authenticator has calls of its own instead of an answer. */
const CHALLENGES: Readonly<Record<Exclude<ChallengeName, 'totp_setup'>, CognitoChallenge>> = {
  totp_code: { name: 'SOFTWARE_TOKEN_MFA', answerField: 'SOFTWARE_TOKEN_MFA_CODE' },
  sms_code: { name: 'SMS_MFA', answerField: 'SMS_MFA_CODE' },
  email_code: { name: 'EMAIL_OTP', answerField: 'EMAIL_OTP_CODE' },
  new_password: { name: 'NEW_PASSWORD_REQUIRED', answerField: 'NEW_PASSWORD' },
  choose_factor: { name: 'SELECT_MFA_TYPE', answerField: 'ANSWER' },
};

const NAMES: ReadonlyMap<string, ChallengeName> = new Map<string, ChallengeName>([
  ...Object.entries(CHALLENGES).map(([ours, { name }]) => [name, ours as ChallengeName] as const),
  ['MFA_SETUP', 'totp_setup'],
]);

/** The user's name in the pool and Cognito's own session: what an answer needs. */
export interface OpenLogin {
  readonly username: string;
  readonly session: string;
}

/** The longest session that Cognito takes. */
const MAX_SESSION_LENGTH = 2048;
/** The longest name that Cognito gives a user. */
const MAX_USERNAME_LENGTH = 128;

/**
 * The session as clients get it. It carries the user's name in the pool, since Cognito does not promise to know the
 * user by their address in an answer.
 */
export const sealLogin = ({ username, session }: OpenLogin): string =>
  `${Buffer.from(username).toString('base64url')}.${session}`;

/** Reads a session back; null for a text that was not made here. */
export function openLogin(sealed: string): OpenLogin | null {
  const [, name, session] = /^([A-Za-z0-9_-]+)\.([\x21-\x7e]+)$/.exec(sealed) ?? [];
  if (name === undefined || session === undefined || session.length > MAX_SESSION_LENGTH) return null;
  const username = Buffer.from(name, 'base64url').toString();
  const isName = username.length > 0 && username.length <= MAX_USERNAME_LENGTH && !/[\p{Cc}\ufffd]/u.test(username);
  return isName ? { username, session } : null;
}

/** What an answer of InitiateAuth or RespondToAuthChallenge says. */
export type AuthAnswer = Pick<
  InitiateAuthCommandOutput,
  'AuthenticationResult' | 'ChallengeName' | 'ChallengeParameters' | 'Session'
>;

/** What comes next: nothing, an answer, or an authenticator to be set up first. */
export type NextStep =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'challenge'; readonly challenge: LoginChallenge }
  | { readonly kind: 'set-up'; readonly login: OpenLogin };

const unreadable = (operation: string, what: string): PortUnavailable =>
  portUnavailable('IdentityProvider', operation, `Cognito's answer ${what}`, false);

/** Reads an answer of a login. A challenge that this program does not know is `port-unavailable` with its name. */
export function nextStep(operation: string, email: string, answer: AuthAnswer): Result<NextStep, PortUnavailable> {
  if (answer.AuthenticationResult !== undefined) {
    return tokensOf(operation, answer.AuthenticationResult, null).map((tokens) => ({ kind: 'tokens', tokens }));
  }
  const { ChallengeName: cognitoName = '', ChallengeParameters: parameters = {}, Session: session } = answer;
  const name = NAMES.get(cognitoName);
  if (name === undefined) return err(unreadable(operation, `asks for ${cognitoName || 'nothing and has no tokens'}`));
  if (session === undefined) return err(unreadable(operation, 'has no session'));
  const login = { username: parameters['USER_ID_FOR_SRP'] ?? email, session };
  if (name === 'totp_setup') {
    // Older pools do not say what can be set up; an authenticator always could.
    const canSetUp = namesIn(parameters['MFAS_CAN_SETUP'] ?? '["SOFTWARE_TOKEN_MFA"]');
    return canSetUp.includes('SOFTWARE_TOKEN_MFA')
      ? ok({ kind: 'set-up', login })
      : err(unreadable(operation, `asks for a factor that is none of an authenticator's: ${canSetUp.join(', ')}`));
  }
  const choices = namesIn(parameters['MFAS_CAN_CHOOSE'] ?? '[]').flatMap((choice) => NAMES.get(choice) ?? []);
  return ok({
    kind: 'challenge',
    challenge: {
      name,
      session: sealLogin(login),
      choices: name === 'choose_factor' ? choices : [],
      sentTo: parameters['CODE_DELIVERY_DESTINATION'] ?? null,
      totpSecret: null,
    },
  });
}

/** The challenge of an authenticator that waits for its first code. */
export const setUpChallenge = (login: OpenLogin, secret: string): LoginChallenge => ({
  name: 'totp_setup',
  session: sealLogin(login),
  choices: [],
  sentTo: null,
  totpSecret: secret,
});

/** The tokens of an answer. `kept` is the refresh token to keep using where Cognito gives no new one. */
export function tokensOf(
  operation: string,
  { AccessToken: accessToken, RefreshToken: renewed, ExpiresIn: expiresIn }: AuthenticationResultType,
  kept: string | null,
): Result<TokenSet, PortUnavailable> {
  const refreshToken = renewed ?? kept;
  if (accessToken === undefined || refreshToken === null) return err(unreadable(operation, 'has no tokens'));
  return ok({ accessToken, refreshToken, expiresInSeconds: expiresIn ?? lifetimeSeconds(accessToken) });
}

/** Cognito's own default, where nothing says how long a token lives. */
const DEFAULT_LIFETIME_SECONDS = 3600;

function lifetimeSeconds(accessToken: string): number {
  try {
    const { exp, iat } = decomposeUnverifiedJwt(accessToken).payload;
    return exp !== undefined && iat !== undefined ? exp - iat : DEFAULT_LIFETIME_SECONDS;
  } catch {
    return DEFAULT_LIFETIME_SECONDS;
  }
}

/** How the answer to a challenge is sent; null for a factor that Cognito does not offer as a choice. */
export function responseOf(
  challenge: Exclude<ChallengeName, 'totp_setup'>,
  username: string,
  answer: string,
): { readonly name: ChallengeNameType; readonly responses: Record<string, string> } | null {
  const { name, answerField } = CHALLENGES[challenge];
  const value = challenge === 'choose_factor' ? FACTORS.get(answer) : answer;
  return value === undefined ? null : { name, responses: { USERNAME: username, [answerField]: value } };
}

const FACTORS: ReadonlyMap<string, string> = new Map(
  (['totp_code', 'sms_code', 'email_code'] as const).map((factor) => [factor, CHALLENGES[factor].name]),
);

/** A JSON list of names, as Cognito puts it into a parameter. */
function namesIn(json: string): readonly string[] {
  try {
    const names: unknown = JSON.parse(json);
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
