import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RevokeTokenCommand,
  SignUpCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { err, errAsync, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import { emailKey, normalizePassword } from '../../../core/auth/model.ts';
import type { InvalidRefreshToken, UnknownUser } from '../../../core/auth/errors.ts';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  PasswordRecovery,
  Profile,
  TokenSet,
} from '../../../core/auth/identity-ports.ts';
import type { AccountSecurity, SessionRevoker, SessionToRevoke } from '../../../core/auth/session-ports.ts';
import type { UserDirectory } from '../../../core/admin/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { CognitoCalls, type CognitoDeps } from './cognito-calls.ts';
import {
  CONFIRM_SIGN_UP,
  DELETE_USER,
  type Done,
  FORGOT_PASSWORD,
  GET_USER,
  GLOBAL_SIGN_OUT,
  INITIATE_AUTH,
  REFRESH,
  RESEND_CODE,
  RESET_PASSWORD,
  REVOKE_TOKEN,
  SIGN_UP,
  UPDATE_ATTRIBUTES,
  VERIFY_ATTRIBUTE,
} from './cognito-meanings.ts';
import { LoginDialogue } from './login-dialogue.ts';
import { NO_SECOND_FACTOR_SETUP, NO_SESSION_LIST } from './kept-in-the-pool.ts';
import { tokensOf } from './login-steps.ts';
import { CognitoUserDirectory } from './user-directory.ts';

type Registration = Parameters<IdentityProvider['register']>[0];
type Registered = ReturnType<IdentityProvider['register']>;

/** Longer than any token of Cognito. */
const MAX_TOKEN_LENGTH = 16_384;

/**
 * Accounts, sessions and codes in a Cognito user pool whose users sign in by e-mail address. A user's id is their `sub`.
 * Addresses are sent in lower case, so that one address is one account also in a pool that tells cases apart. The
 * operations that act as an administrator need AdminGetUser, AdminUpdateUserAttributes and AdminDeleteUser of the pool;
 * the app client has no secret and allows USER_PASSWORD_AUTH and REFRESH_TOKEN_AUTH.
 *
 * A call whose answer is lost is made again only where twice is as good as once. SignUp is, for what it finds the second
 * time is told apart by the password: whoever can log in with it is whose account it is. The calls that use up a code or
 * a login's session are not; they end `port-unavailable`, and may have had their effect.
 */
export class CognitoIdentityProvider
  implements IdentityProvider, LoginChallenges, EmailConfirmation, PasswordRecovery, SessionRevoker, AccountSecurity
{
  readonly openSessions = NO_SESSION_LIST;
  readonly secondFactor = NO_SECOND_FACTOR_SETUP;
  readonly directory: UserDirectory;
  readonly #calls: CognitoCalls;
  readonly #dialogue: LoginDialogue;
  readonly #pool: { readonly UserPoolId: string };
  readonly #client: { readonly ClientId: string };

  constructor(deps: CognitoDeps) {
    this.#calls = new CognitoCalls(deps);
    this.#dialogue = new LoginDialogue(this.#calls, deps.clientId);
    this.directory = new CognitoUserDirectory(this.#calls, deps.userPoolId);
    this.#pool = { UserPoolId: deps.userPoolId };
    this.#client = { ClientId: deps.clientId };
  }

  register(registration: Registration): Registered {
    const { email, password, displayName } = registration;
    const address = emailKey(email);
    const command = new SignUpCommand({
      ...this.#client,
      Username: address,
      Password: normalizePassword(password),
      UserAttributes: [
        { Name: 'email', Value: address },
        ...(displayName === null ? [] : [{ Name: 'name', Value: displayName }]),
      ],
    });
    return this.#calls
      .ask('register', SIGN_UP, (client, options) => client.send(command, options))
      .andThen(({ UserSub: sub, UserConfirmed: confirmed }) =>
        sub === undefined
          ? err(portUnavailable('IdentityProvider', 'register', "Cognito's answer has no user id", false))
          : ok({ userId: userId(sub), usable: confirmed === true }),
      )
      .orElse((error) => (error.kind === 'maybe-created' ? this.#claim(address, password) : errAsync(error)));
  }

  login(email: string, password: string): ReturnType<IdentityProvider['login']> {
    const address = emailKey(email);
    const command = new InitiateAuthCommand({
      ...this.#client,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: address, PASSWORD: normalizePassword(password) },
    });
    return (
      this.#calls
        .ask('login', INITIATE_AUTH, (client, options) => client.send(command, options))
        .andThen((answer) => this.#dialogue.stepAfter('login', address, answer))
        // The session is a moment old: that it has expired already is no answer to a login.
        .mapErr((error) =>
          error.kind === 'challenge-expired'
            ? portUnavailable('IdentityProvider', 'login', 'the session of the challenge is not taken', false)
            : error,
        )
    );
  }

  answer(given: Parameters<LoginChallenges['answer']>[0]): ReturnType<LoginChallenges['answer']> {
    return this.#dialogue.answer(given);
  }

  refresh(refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable> {
    if (!isToken(refreshToken)) return errAsync({ kind: 'invalid-refresh-token' });
    const command = new InitiateAuthCommand({
      ...this.#client,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    return this.#calls
      .ask('refresh', REFRESH, (client, options) => client.send(command, options))
      .andThen(({ AuthenticationResult: tokens = {} }) => tokensOf('refresh', tokens, refreshToken));
  }

  profile(user: UserId): ResultAsync<Profile, UnknownUser | PortUnavailable> {
    return this.#attributes(user).map((attributes) => profileOf(user, attributes));
  }

  /**
   * Cognito sends a code to a new address. Whether the address takes effect before it is confirmed is a setting of the
   * pool. One that differs in case only is the same address, and stays as confirmed as it was.
   */
  changeProfile(
    user: UserId,
    { displayName, email }: Parameters<IdentityProvider['changeProfile']>[1],
  ): ReturnType<IdentityProvider['changeProfile']> {
    return this.profile(user).andThen((before) => {
      const isSameAddress = email === undefined || emailKey(email) === emailKey(before.email ?? '');
      const changes: AttributeType[] = [
        // The empty text removes an attribute.
        ...(displayName === undefined ? [] : [{ Name: 'name', Value: displayName }]),
        ...(isSameAddress ? [] : [{ Name: 'email', Value: emailKey(email) }]),
      ];
      if (changes.length === 0) return okAsync(before);
      const command = new AdminUpdateUserAttributesCommand({ ...this.#pool, Username: user, UserAttributes: changes });
      return this.#calls
        .ask('changeProfile', UPDATE_ATTRIBUTES, (client, options) => client.send(command, options))
        .andThen(() => this.profile(user));
    });
  }

  eraseAccount(user: UserId): ResultAsync<void, PortUnavailable> {
    const command = new AdminDeleteUserCommand({ ...this.#pool, Username: user });
    return doneIsDone(this.#calls.ask('eraseAccount', DELETE_USER, (client, options) => client.send(command, options)));
  }

  confirm(email: string, code: string): ReturnType<EmailConfirmation['confirm']> {
    const command = new ConfirmSignUpCommand({ ...this.#client, Username: emailKey(email), ConfirmationCode: code });
    return doneIsDone(this.#calls.ask('confirm', CONFIRM_SIGN_UP, (client, options) => client.send(command, options)));
  }

  resend(email: string): ResultAsync<void, PortUnavailable> {
    const command = new ResendConfirmationCodeCommand({ ...this.#client, Username: emailKey(email) });
    return doneIsDone(this.#calls.ask('resend', RESEND_CODE, (client, options) => client.send(command, options)));
  }

  confirmChange(accessToken: string, code: string): ReturnType<EmailConfirmation['confirmChange']> {
    const command = new VerifyUserAttributeCommand({ AccessToken: accessToken, AttributeName: 'email', Code: code });
    return this.#calls
      .ask('confirmChange', VERIFY_ATTRIBUTE, (client, options) => client.send(command, options), 'unless-done')
      .map(() => undefined);
  }

  forgot(email: string): ResultAsync<void, PortUnavailable> {
    const command = new ForgotPasswordCommand({ ...this.#client, Username: emailKey(email) });
    return doneIsDone(this.#calls.ask('forgot', FORGOT_PASSWORD, (client, options) => client.send(command, options)));
  }

  reset({ email, code, newPassword }: Parameters<PasswordRecovery['reset']>[0]): ReturnType<PasswordRecovery['reset']> {
    const command = new ConfirmForgotPasswordCommand({
      ...this.#client,
      Username: emailKey(email),
      ConfirmationCode: code,
      Password: normalizePassword(newPassword),
    });
    return this.#calls
      .ask('reset', RESET_PASSWORD, (client, options) => client.send(command, options), 'unless-done')
      .map(() => undefined);
  }

  /**
   * Cognito ends a single session by its refresh token only. Without one, or with one that it does not take, all
   * sessions of the person end: a logout may do more than was asked, and never less.
   */
  revokeSession({ userId: user, accessToken, refreshToken }: SessionToRevoke): ResultAsync<void, PortUnavailable> {
    const everywhere = () => this.revokeAllSessions({ userId: user, accessToken });
    if (refreshToken === null || !isToken(refreshToken)) return everywhere();
    const command = new RevokeTokenCommand({ ...this.#client, Token: refreshToken });
    return this.#calls
      .ask('revokeSession', REVOKE_TOKEN, (client, options) => client.send(command, options))
      .map(() => undefined)
      .orElse((error) => (error.kind === 'done' ? everywhere() : errAsync(error)));
  }

  revokeAllSessions({
    accessToken,
  }: Parameters<SessionRevoker['revokeAllSessions']>[0]): ResultAsync<void, PortUnavailable> {
    const command = new GlobalSignOutCommand({ AccessToken: accessToken });
    return doneIsDone(
      this.#calls.ask('revokeAllSessions', GLOBAL_SIGN_OUT, (client, options) => client.send(command, options)),
    );
  }

  /** Frees the connections. */
  close(): void {
    this.#calls.close();
  }

  /** An account of this address is there, and it is this person's if their password opens it. */
  #claim(address: string, password: string): Registered {
    return this.login(address, password)
      .map(() => true)
      .orElse((error) => {
        switch (error.kind) {
          case 'email-not-verified':
            return ok(false);
          case 'port-unavailable':
            return err(error);
          default:
            return err({ kind: 'email-taken' as const });
        }
      })
      .andThen((usable) =>
        this.#attributes(address)
          .map((attributes) => ({ userId: userId(attributes.get('sub') ?? ''), usable }))
          .mapErr((error) =>
            error.kind === 'unknown-user'
              ? portUnavailable('IdentityProvider', 'register', 'the account is gone again')
              : error,
          ),
      );
  }

  #attributes(username: string): ResultAsync<ReadonlyMap<string, string>, UnknownUser | PortUnavailable> {
    const command = new AdminGetUserCommand({ ...this.#pool, Username: username });
    return this.#calls
      .ask('profile', GET_USER, (client, options) => client.send(command, options))
      .map(
        ({ UserAttributes: attributes = [] }) =>
          new Map(attributes.map(({ Name, Value }) => [Name ?? '', Value ?? ''])),
      );
  }
}

/** Tokens are printable ASCII; everything else Cognito answers with errors that mean other things too. */
const isToken = (text: string): boolean => text.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(text);

/** A call of which only the outcome counts. */
function doneIsDone<E extends { readonly kind: string }>(
  call: ResultAsync<unknown, E | Done>,
): ResultAsync<void, Exclude<E, Done>> {
  return call
    .map((): void => undefined)
    .orElse((error): Result<void, Exclude<E, Done>> =>
      error.kind === 'done' ? ok(undefined) : err(error as Exclude<E, Done>),
    );
}

function profileOf(user: UserId, attributes: ReadonlyMap<string, string>): Profile {
  return {
    userId: user,
    email: attributes.get('email') ?? null,
    emailVerified: attributes.get('email_verified') === 'true',
    displayName: attributes.get('name') || null,
    provider: 'cognito',
  };
}
