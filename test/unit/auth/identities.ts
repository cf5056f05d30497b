import { errAsync, okAsync } from 'neverthrow';
import type { IdentityProvider, Principal, Profile, TokenSet } from '../../../core/auth/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';

export const TOKENS: TokenSet = { accessToken: 'access', refreshToken: 'refresh', expiresInSeconds: 900 };

export const ADA: Principal = {
  userId: userId('11111111-1111-4111-8111-111111111111'),
  email: 'ada@example.org',
  emailVerified: true,
  sessionId: 'session-1',
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
    login: () => okAsync(TOKENS),
    refresh: () => okAsync(TOKENS),
    profile: () => okAsync(PROFILE),
    changeProfile: () => okAsync(PROFILE),
    ...answers,
  };
  const identities: IdentityProvider = {
    register: (registration) => (asked.push(['register', registration]), all.register(registration)),
    login: (email, password) => (asked.push(['login', email, password]), all.login(email, password)),
    refresh: (token) => (asked.push(['refresh', token]), all.refresh(token)),
    profile: (user) => (asked.push(['profile', user]), all.profile(user)),
    changeProfile: (user, change) => (asked.push(['changeProfile', user, change]), all.changeProfile(user, change)),
  };
  return { identities, asked };
}

export const failing =
  <E>(error: E) =>
  () =>
    errAsync(error);
