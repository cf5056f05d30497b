import type {
  ChallengeExpired,
  EmailNotVerified,
  EmailTaken,
  ExpiredCode,
  InvalidCode,
  InvalidCredentials,
  InvalidRefreshToken,
  InvalidToken,
  PasswordResetRequired,
  TooManyAttempts,
  UnknownUser,
  UserDisabled,
  WeakPassword,
} from '../../../core/auth/errors.ts';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import { isTrouble, type Meanings, TROUBLE, type Trouble } from './error-meaning.ts';
import { unmetRules } from './password-policy.ts';

/*
 * What Cognito's errors mean, one table an operation, by the error names that the API reference documents for it. The
 * names that are trouble whatever was asked are in `TROUBLE_NAMES`; a name that is in neither place is new, and is
 * trouble that trying again does not cure.
 */

/** The state that the call should bring about is there already, or must look as if it were. */
const DONE = { kind: 'done' } as const;
export type Done = typeof DONE;
/** The account exists now, and whether this call made it is for its password to tell. */
const MAYBE_CREATED = { kind: 'maybe-created' } as const;
export type MaybeCreated = typeof MAYBE_CREATED;

/** Cognito lets wait from a second after five wrong passwords to some 15 minutes, and does not say how long. */
const WRONG_PASSWORDS_WAIT_SECONDS = 60;
/** The limits of codes are by the hour; they are lifted bit by bit. */
const CODES_WAIT_SECONDS = 15 * 60;

const EMAIL_TAKEN: EmailTaken = { kind: 'email-taken' };
const INVALID_CREDENTIALS: InvalidCredentials = { kind: 'invalid-credentials' };
const EMAIL_NOT_VERIFIED: EmailNotVerified = { kind: 'email-not-verified' };
const INVALID_REFRESH_TOKEN: InvalidRefreshToken = { kind: 'invalid-refresh-token' };
const INVALID_TOKEN: InvalidToken = { kind: 'invalid-token' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };
const INVALID_CODE: InvalidCode = { kind: 'invalid-code' };
const EXPIRED_CODE: ExpiredCode = { kind: 'expired-code' };
const CHALLENGE_EXPIRED: ChallengeExpired = { kind: 'challenge-expired' };
const USER_DISABLED: UserDisabled = { kind: 'user-disabled' };
const RESET_BY_OWNER: PasswordResetRequired = { kind: 'password-reset-required', by: 'owner' };
const RESET_BY_OPERATOR: PasswordResetRequired = { kind: 'password-reset-required', by: 'operator' };
const TOO_MANY_PASSWORDS: TooManyAttempts = {
  kind: 'too-many-attempts',
  retryAfterSeconds: WRONG_PASSWORDS_WAIT_SECONDS,
};
const TOO_MANY_CODES: TooManyAttempts = { kind: 'too-many-attempts', retryAfterSeconds: CODES_WAIT_SECONDS };

const weakPassword = (message: string): WeakPassword => ({ kind: 'weak-password', unmet: unmetRules(message) });

/** A client with a secret, which this program has no place for, or a pool that takes no registrations. */
const isAboutSettings = (message: string): boolean =>
  /secret|not permitted|not enabled|not authorized to/i.test(message);

/** `InvalidParameterException` where one of the parameters is the password. */
const passwordOrTrouble = (message: string): WeakPassword | Trouble =>
  /password/i.test(message) && !isAboutSettings(message) && !/reset password/i.test(message)
    ? weakPassword(message)
    : TROUBLE;

/** `InvalidParameterException` where one of the parameters is a code: Cognito takes no spaces and not any length. */
const codeOrTrouble = (message: string): InvalidCode | Trouble => (/code/i.test(message) ? INVALID_CODE : TROUBLE);

function registrationOrTrouble(message: string): WeakPassword | InputRejected | Trouble {
  const weak = passwordOrTrouble(message);
  return isTrouble(weak) ? attributeOrTrouble(message) : weak;
}

/** `InvalidParameterException` where the parameters are the address and the name. */
function attributeOrTrouble(message: string): InputRejected | Trouble {
  if (/email/i.test(message)) {
    return inputRejected({
      pointer: '/email',
      message: 'is not accepted by the identity provider',
      code: 'invalid_email',
    });
  }
  if (/\bname\b/i.test(message)) {
    const message = 'is missing or not accepted by the identity provider';
    return inputRejected({ pointer: '/display_name', message, code: 'invalid_display_name' });
  }
  return TROUBLE;
}

type CredentialError = UserDisabled | PasswordResetRequired | TooManyAttempts;

/** Cognito has one error for everything that keeps somebody from logging in; its message tells them apart. */
const notAuthorized =
  <E>(otherwise: E) =>
  (message: string): E | CredentialError | Trouble => {
    if (isAboutSettings(message)) return TROUBLE;
    if (/attempts exceeded/i.test(message)) return TOO_MANY_PASSWORDS;
    if (/disabled/i.test(message)) return USER_DISABLED;
    if (/temporary password has expired/i.test(message)) return RESET_BY_OPERATOR;
    return otherwise;
  };

export const SIGN_UP: Meanings<EmailTaken | WeakPassword | InputRejected | MaybeCreated> = {
  UsernameExistsException: (_, mayHaveHappened) => (mayHaveHappened ? MAYBE_CREATED : EMAIL_TAKEN),
  InvalidPasswordException: weakPassword,
  InvalidParameterException: registrationOrTrouble,
  // The account was made before its message could not be sent; a new one can be asked for.
  CodeDeliveryFailureException: MAYBE_CREATED,
  LimitExceededException: TROUBLE,
  NotAuthorizedException: TROUBLE,
};

export const INITIATE_AUTH: Meanings<InvalidCredentials | EmailNotVerified | CredentialError> = {
  NotAuthorizedException: notAuthorized(INVALID_CREDENTIALS),
  UserNotFoundException: INVALID_CREDENTIALS,
  UserNotConfirmedException: EMAIL_NOT_VERIFIED,
  PasswordResetRequiredException: RESET_BY_OWNER,
  InvalidParameterException: TROUBLE,
  UnsupportedOperationException: TROUBLE,
};

export const REFRESH: Meanings<InvalidRefreshToken> = {
  NotAuthorizedException: (message) => (isAboutSettings(message) ? TROUBLE : INVALID_REFRESH_TOKEN),
  UserNotFoundException: INVALID_REFRESH_TOKEN,
  UserNotConfirmedException: INVALID_REFRESH_TOKEN,
  PasswordResetRequiredException: INVALID_REFRESH_TOKEN,
  InvalidParameterException: (message) => (isAboutSettings(message) ? TROUBLE : INVALID_REFRESH_TOKEN),
  UnsupportedOperationException: TROUBLE,
};

export const RESPOND_TO_CHALLENGE: Meanings<
  InvalidCode | ExpiredCode | ChallengeExpired | WeakPassword | CredentialError
> = {
  CodeMismatchException: INVALID_CODE,
  ExpiredCodeException: EXPIRED_CODE,
  InvalidPasswordException: weakPassword,
  PasswordHistoryPolicyViolationException: weakPassword,
  NotAuthorizedException: notAuthorized(CHALLENGE_EXPIRED),
  UserNotFoundException: CHALLENGE_EXPIRED,
  PasswordResetRequiredException: RESET_BY_OWNER,
  InvalidParameterException: (message) => {
    if (/session/i.test(message)) return CHALLENGE_EXPIRED;
    const weak = passwordOrTrouble(message);
    return isTrouble(weak) ? codeOrTrouble(message) : weak;
  },
  AliasExistsException: TROUBLE,
  MFAMethodNotFoundException: TROUBLE,
  SoftwareTokenMFANotFoundException: TROUBLE,
  UserNotConfirmedException: TROUBLE,
};

export const ASSOCIATE_TOKEN: Meanings<ChallengeExpired> = {
  NotAuthorizedException: CHALLENGE_EXPIRED,
  InvalidParameterException: TROUBLE,
  SoftwareTokenMFANotFoundException: TROUBLE,
};

export const VERIFY_TOKEN: Meanings<InvalidCode | ChallengeExpired | PasswordResetRequired> = {
  CodeMismatchException: INVALID_CODE,
  // Cognito's word for a first code that does not fit the new secret.
  EnableSoftwareTokenMFAException: INVALID_CODE,
  NotAuthorizedException: CHALLENGE_EXPIRED,
  UserNotFoundException: CHALLENGE_EXPIRED,
  PasswordResetRequiredException: RESET_BY_OWNER,
  InvalidParameterException: (message) => (/session/i.test(message) ? CHALLENGE_EXPIRED : codeOrTrouble(message)),
  SoftwareTokenMFANotFoundException: TROUBLE,
  UserNotConfirmedException: TROUBLE,
};

export const CONFIRM_SIGN_UP: Meanings<InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | Done> = {
  CodeMismatchException: INVALID_CODE,
  ExpiredCodeException: EXPIRED_CODE,
  AliasExistsException: EMAIL_TAKEN,
  // Said of an account that is confirmed: by the try before, or long ago. Of the latter nobody may learn here.
  NotAuthorizedException: (message, mayHaveHappened) => {
    if (isAboutSettings(message)) return TROUBLE;
    return mayHaveHappened && /current status is confirmed/i.test(message) ? DONE : INVALID_CODE;
  },
  UserNotFoundException: INVALID_CODE,
  InvalidParameterException: codeOrTrouble,
  LimitExceededException: TOO_MANY_CODES,
  TooManyFailedAttemptsException: TOO_MANY_CODES,
};

/** Whoever asks for a code learns nothing about the account: neither that there is none nor that it has had enough. */
export const RESEND_CODE: Meanings<Done> = {
  UserNotFoundException: DONE,
  LimitExceededException: DONE,
  NotAuthorizedException: (message) => (isAboutSettings(message) ? TROUBLE : DONE),
  InvalidParameterException: (message) => (/already confirmed/i.test(message) ? DONE : TROUBLE),
  CodeDeliveryFailureException: TROUBLE,
};

export const FORGOT_PASSWORD: Meanings<Done> = {
  UserNotFoundException: DONE,
  LimitExceededException: DONE,
  NotAuthorizedException: (message) => (isAboutSettings(message) ? TROUBLE : DONE),
  InvalidParameterException: (message) => (/cannot reset password/i.test(message) ? DONE : TROUBLE),
  CodeDeliveryFailureException: TROUBLE,
};

export const RESET_PASSWORD: Meanings<InvalidCode | ExpiredCode | WeakPassword | TooManyAttempts> = {
  CodeMismatchException: INVALID_CODE,
  ExpiredCodeException: EXPIRED_CODE,
  InvalidPasswordException: weakPassword,
  PasswordHistoryPolicyViolationException: weakPassword,
  // No code can have been sent to such an account.
  UserNotFoundException: INVALID_CODE,
  UserNotConfirmedException: INVALID_CODE,
  NotAuthorizedException: (message) => (isAboutSettings(message) ? TROUBLE : INVALID_CODE),
  InvalidParameterException: (message) => {
    const weak = passwordOrTrouble(message);
    return isTrouble(weak) ? codeOrTrouble(message) : weak;
  },
  LimitExceededException: TOO_MANY_CODES,
  TooManyFailedAttemptsException: TOO_MANY_CODES,
};

export const GET_USER: Meanings<UnknownUser> = {
  UserNotFoundException: UNKNOWN_USER,
  InvalidParameterException: TROUBLE,
  NotAuthorizedException: TROUBLE,
};

export const UPDATE_ATTRIBUTES: Meanings<UnknownUser | EmailTaken | InputRejected> = {
  UserNotFoundException: UNKNOWN_USER,
  AliasExistsException: EMAIL_TAKEN,
  InvalidParameterException: attributeOrTrouble,
  NotAuthorizedException: TROUBLE,
};

export const VERIFY_ATTRIBUTE: Meanings<InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | InvalidToken> = {
  CodeMismatchException: INVALID_CODE,
  ExpiredCodeException: EXPIRED_CODE,
  AliasExistsException: EMAIL_TAKEN,
  LimitExceededException: TOO_MANY_CODES,
  InvalidParameterException: codeOrTrouble,
  // The access token's session was ended, or its owner deleted.
  NotAuthorizedException: INVALID_TOKEN,
  UserNotFoundException: INVALID_TOKEN,
  UserNotConfirmedException: INVALID_TOKEN,
  PasswordResetRequiredException: INVALID_TOKEN,
};

/** `done` stands for a refresh token that Cognito has no use for: the session must be ended in another way. */
export const REVOKE_TOKEN: Meanings<Done> = {
  UnauthorizedException: DONE,
  UnsupportedTokenTypeException: DONE,
  InvalidParameterException: DONE,
  // Revoking single tokens is turned off for the client.
  UnsupportedOperationException: DONE,
};

export const GLOBAL_SIGN_OUT: Meanings<Done> = {
  // Only of a token that was revoked: one that has merely expired says nothing about the sessions.
  NotAuthorizedException: (message) => (/revoked/i.test(message) ? DONE : TROUBLE),
  InvalidParameterException: TROUBLE,
  PasswordResetRequiredException: TROUBLE,
  UserNotConfirmedException: TROUBLE,
};

export const DELETE_USER: Meanings<Done> = {
  UserNotFoundException: DONE,
  InvalidParameterException: TROUBLE,
  NotAuthorizedException: TROUBLE,
};
