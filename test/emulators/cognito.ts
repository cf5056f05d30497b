import { randomUUID } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { CognitoIdentityProvider } from '../../adapters/aws/cognito/cognito-identity-provider.ts';
import { CognitoTokenVerifier } from '../../adapters/aws/cognito/cognito-token-verifier.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';
import { emulator, givenEndpoint, settingsFor } from './emulators.ts';

/** Every code that the emulator started here sends; `emulator-process.mjs` tells it so. */
export const SENT_CODE = '424242';

/** Whether the pools are of the emulator that the tests start, and not of a given endpoint. */
export const isCognitoLocal = givenEndpoint('cognito') === null;

/** What stands in for Cognito: the emulator that the tests start, moto's server at a given endpoint, or nothing. */
export async function standIn(): Promise<'cognito-local' | 'moto' | 'aws'> {
  const given = givenEndpoint('cognito');
  if (given === null) return 'cognito-local';
  const { ok } = await fetch(new URL('/moto-api/data.json', given));
  return ok ? 'moto' : 'aws';
}

/** A user pool of its own, with a client for this service, as docs/aws.md asks for them. */
export interface PoolUnderTest {
  readonly settings: AwsSettings;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly identities: CognitoIdentityProvider;
  readonly tokens: CognitoTokenVerifier;
  /** What an operator does past the adapters. */
  readonly operator: CognitoIdentityProviderClient;
  /** Confirms an account without a code. */
  readonly activate: (email: string) => Promise<void>;
  /** Puts an account into a group, which is made where it is missing. */
  readonly addToGroup: (email: string, group: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function makePool(): Promise<PoolUnderTest> {
  const { endpointUrl } = await emulator('cognito-local', 'cognito');
  const settings = settingsFor({ cognito: endpointUrl });
  const region = settings.region ?? 'us-east-1';
  const operator = new CognitoIdentityProviderClient({ endpoint: endpointUrl, region });
  const userPoolId = await createPool(operator);
  const clientId = await createClient(operator, userPoolId);
  const identities = new CognitoIdentityProvider({ settings, userPoolId, clientId, caller: new AwsCaller() });
  return {
    settings,
    userPoolId,
    clientId,
    identities,
    tokens: new CognitoTokenVerifier({ settings, userPoolId, clientId }),
    operator,
    activate: async (email) => {
      await operator.send(new AdminConfirmSignUpCommand({ UserPoolId: userPoolId, Username: email.toLowerCase() }));
    },
    addToGroup: async (email, group) => {
      const place = { UserPoolId: userPoolId, GroupName: group };
      await operator.send(new CreateGroupCommand(place)).catch((cause: unknown) => {
        if (!(cause instanceof Error) || cause.name !== 'GroupExistsException') throw cause;
      });
      await operator.send(new AdminAddUserToGroupCommand({ ...place, Username: email.toLowerCase() }));
    },
    close: async () => {
      await operator.send(new DeleteUserPoolCommand({ UserPoolId: userPoolId }));
      identities.close();
      operator.destroy();
    },
  };
}

async function createPool(operator: CognitoIdentityProviderClient): Promise<string> {
  const { UserPool: pool } = await operator.send(
    new CreateUserPoolCommand({
      PoolName: `clarity-test-${randomUUID()}`,
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      MfaConfiguration: 'OFF',
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: false,
        },
      },
    }),
  );
  if (pool?.Id === undefined) throw new Error('the endpoint made no user pool');
  return pool.Id;
}

async function createClient(operator: CognitoIdentityProviderClient, userPoolId: string): Promise<string> {
  const { UserPoolClient: client } = await operator.send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: 'clarity',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      AccessTokenValidity: 15,
      TokenValidityUnits: { AccessToken: 'minutes' },
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    }),
  );
  if (client?.ClientId === undefined) throw new Error('the endpoint made no client');
  return client.ClientId;
}
