export interface EmailTaken {
  readonly kind: 'email-taken';
}
/** `unmet` lists, in plain words, what the password lacks. */
export interface WeakPassword {
  readonly kind: 'weak-password';
  readonly unmet: readonly string[];
}
export interface InvalidCredentials {
  readonly kind: 'invalid-credentials';
}
export interface EmailNotVerified {
  readonly kind: 'email-not-verified';
}
export interface InvalidRefreshToken {
  readonly kind: 'invalid-refresh-token';
}
export interface InvalidToken {
  readonly kind: 'invalid-token';
}
export interface UnknownUser {
  readonly kind: 'unknown-user';
}

/** The operator has turned the account off. Said only to whoever knows its password. */
export interface UserDisabled {
  readonly kind: 'user-disabled';
}

/** The password is right but no longer good: its owner must choose another, or the operator must set a new first one. */
export interface PasswordResetRequired {
  readonly kind: 'password-reset-required';
  readonly by: 'owner' | 'operator';
}

/** The code is not the one that was sent, or there is nothing that it could confirm. */
export interface InvalidCode {
  readonly kind: 'invalid-code';
}

/** The code was good once: it is too old, or was used already. */
export interface ExpiredCode {
  readonly kind: 'expired-code';
}

/** The login that the session belongs to was waited for too long, is over, or never was. It must begin again. */
export interface ChallengeExpired {
  readonly kind: 'challenge-expired';
}

/** The provider takes no more guesses for this account for a while. */
export interface TooManyAttempts {
  readonly kind: 'too-many-attempts';
  /** When another try makes sense, as exactly as the provider says it. */
  readonly retryAfterSeconds: number;
}

/** The provider of this installation has no way to do that; what it is belongs to its own tools. */
export interface NotManagedHere {
  readonly kind: 'not-managed-here';
  readonly what: 'sessions' | 'second-factors';
}

/** There is a second factor already: it must be taken away before another one is set up. */
export interface SecondFactorEnabled {
  readonly kind: 'second-factor-enabled';
}
