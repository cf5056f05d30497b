import { errAsync, okAsync } from 'neverthrow';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
  Profile,
  TokenSet,
} from '../../../core/auth/identity-ports.ts';
import type { KnownPasswords } from '../../../core/auth/password-ports.ts';
import type { SessionRevoker } from '../../../core/auth/session-ports.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import { userId } from '../../../core/kernel/ids.ts';

export const TOKENS: TokenSet = { accessToken: 'access', refreshToken: 'refresh', expiresInSeconds: 900 };

export const ADA: Principal = {
  userId: userId('11111111-1111-4111-8111-111111111111'),
  email: 'ada@example.org',
  emailVerified: true,
  sessionId: 'session-1',
  roles: ['patient'],
  issuedAtMs: 0,
  expiresAtMs: Date.UTC(2025, 2, 3, 12, 15),
};

export const PROFILE: Profile = {
  userId: ADA.userId,
  email: 'ada@example.org',
  emailVerified: true,
  displayName: 'Ada',
  provider: 'local',
};

/** A provider that says yes to everything, except where the test answers itself, and writes down what it was asked. */
export function identitiesAnswering(answers: Partial<IdentityProvider> = {}) {
  const asked: (readonly unknown[])[] = [];
  const all: IdentityProvider = {
    register: () => okAsync({ userId: ADA.userId, usable: true }),
    login: () => okAsync({ tokens: TOKENS }),
    refresh: () => okAsync(TOKENS),
    profile: () => okAsync(PROFILE),
    changeProfile: () => okAsync(PROFILE),
    eraseAccount: () => okAsync(undefined),
    ...answers,
  };
  const identities: IdentityProvider = {
    register: (registration) => (asked.push(['register', registration]), all.register(registration)),
    login: (email, password) => (asked.push(['login', email, password]), all.login(email, password)),
    refresh: (token) => (asked.push(['refresh', token]), all.refresh(token)),
    profile: (user) => (asked.push(['profile', user]), all.profile(user)),
    changeProfile: (user, change) => (asked.push(['changeProfile', user, change]), all.changeProfile(user, change)),
    eraseAccount: (user) => (asked.push(['eraseAccount', user]), all.eraseAccount(user)),
  };
  return { identities, asked };
}

/** Everything else of a provider, that says yes to everything and writes down what it was asked. */
export function codesAnswering(
  answers: Partial<LoginChallenges & EmailConfirmation & PasswordRecovery & SessionRevoker> = {},
) {
  const asked: (readonly unknown[])[] = [];
  const noted =
    <A extends readonly unknown[], R>(name: string, answer: (...given: A) => R) =>
    (...given: A): R => {
      asked.push([name, ...given]);
      return answer(...given);
    };
  const yes = () => okAsync(undefined);
  const provider: LoginChallenges & EmailConfirmation & PasswordRecovery & SessionRevoker = {
    answer: noted('answer', answers.answer ?? (() => okAsync({ tokens: TOKENS }))),
    confirm: noted('confirm', answers.confirm ?? yes),
    resend: noted('resend', answers.resend ?? yes),
    confirmChange: noted('confirmChange', answers.confirmChange ?? yes),
    forgot: noted('forgot', answers.forgot ?? yes),
    reset: noted('reset', answers.reset ?? yes),
    revokeSession: noted('revokeSession', answers.revokeSession ?? yes),
    revokeAllSessions: noted('revokeAllSessions', answers.revokeAllSessions ?? yes),
  };
  return { provider, asked };
}

/** Knows these passwords and no others. */
export const knowing = (...passwords: readonly string[]): KnownPasswords => ({
  includes: (password) => okAsync(passwords.includes(password)),
});

export const failing =
  <E>(error: E) =>
  () =>
    errAsync(error);
