import {
  AssociateSoftwareTokenCommand,
  RespondToAuthChallengeCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { emailKey, normalizePassword } from '../../../core/auth/model.ts';
import type { ChallengeExpired } from '../../../core/auth/errors.ts';
import type { LoginChallenges, LoginStep } from '../../../core/auth/identity-ports.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { CognitoCalls } from './cognito-calls.ts';
import { ASSOCIATE_TOKEN, RESPOND_TO_CHALLENGE, VERIFY_TOKEN } from './cognito-meanings.ts';
import { type AuthAnswer, nextStep, type OpenLogin, openLogin, responseOf, setUpChallenge } from './login-steps.ts';

type Given = Parameters<LoginChallenges['answer']>[0];
type Answered = ReturnType<LoginChallenges['answer']>;

/**
 * The steps of a login after the first. A session of Cognito is good for one answer, so that no call here is made again
 * while the one before may have been heard.
 */
export class LoginDialogue implements LoginChallenges {
  readonly #calls: CognitoCalls;
  readonly #clientId: string;

  constructor(calls: CognitoCalls, clientId: string) {
    this.#calls = calls;
    this.#clientId = clientId;
  }

  answer({ email, challenge, session, answer }: Given): Answered {
    const login = openLogin(session);
    if (login === null) return errAsync({ kind: 'challenge-expired' });
    if (challenge === 'totp_setup') return this.#finishSetUp(email, login, answer);
    const given = challenge === 'new_password' ? normalizePassword(answer) : answer;
    const response = responseOf(challenge, login.username, given);
    if (response === null) return errAsync({ kind: 'invalid-code' });
    return this.#respond(email, login, response.name, response.responses);
  }

  /** What an answer of Cognito leads to. Where an authenticator must be set up, its secret is fetched here. */
  stepAfter(
    operation: string,
    email: string,
    answer: AuthAnswer,
  ): ResultAsync<LoginStep, ChallengeExpired | PortUnavailable> {
    return nextStep(operation, email, answer).asyncAndThen((next) => {
      switch (next.kind) {
        case 'tokens':
          return okAsync<LoginStep>({ tokens: next.tokens });
        case 'challenge':
          return okAsync<LoginStep>({ challenge: next.challenge });
        case 'set-up':
          return this.#beginSetUp(next.login);
      }
    });
  }

  #beginSetUp({ username, session }: OpenLogin): ResultAsync<LoginStep, ChallengeExpired | PortUnavailable> {
    const command = new AssociateSoftwareTokenCommand({ Session: session });
    return this.#calls
      .ask('login', ASSOCIATE_TOKEN, (client, options) => client.send(command, options), 'unless-done')
      .andThen(({ SecretCode: secret, Session: next = session }) =>
        secret === undefined
          ? errAsync(portUnavailable('IdentityProvider', 'login', "Cognito's answer has no secret", false))
          : okAsync({ challenge: setUpChallenge({ username, session: next }, secret) }),
      );
  }

  #finishSetUp(email: string, login: OpenLogin, code: string): Answered {
    const command = new VerifySoftwareTokenCommand({ Session: login.session, UserCode: code });
    return this.#calls
      .ask('answer', VERIFY_TOKEN, (client, options) => client.send(command, options), 'unless-done')
      .andThen(({ Status: status, Session: session = login.session }): Answered =>
        status === 'SUCCESS'
          ? this.#respond(email, { ...login, session }, 'MFA_SETUP', { USERNAME: login.username })
          : errAsync({ kind: 'invalid-code' }),
      );
  }

  #respond(
    email: string,
    { session }: OpenLogin,
    name: RespondToAuthChallengeCommand['input']['ChallengeName'],
    responses: Record<string, string>,
  ): Answered {
    const command = new RespondToAuthChallengeCommand({
      ClientId: this.#clientId,
      ChallengeName: name,
      Session: session,
      ChallengeResponses: responses,
    });
    return this.#calls
      .ask('answer', RESPOND_TO_CHALLENGE, (client, options) => client.send(command, options), 'unless-done')
      .andThen((answer) => this.stepAfter('answer', emailKey(email), answer));
  }
}
