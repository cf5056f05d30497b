import { randomUUID } from 'node:crypto';
import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  type UserPoolClientType,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { issuerOfPool, regionOfPool } from '../cognito/user-pool.ts';
import { clientConfig } from '../settings.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { attempt, faultsOf, type AttemptedCall } from './aws-fault.ts';

const POOL = 'Cognito user pool';
const CLIENT = 'Cognito app client';
const KEYS = 'Cognito keys';

/** The flows that the service uses, each under its present and its former name. */
const NEEDED_FLOWS = [
  ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
  ['ALLOW_REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN_AUTH'],
] as const;

/** The pool and its client: that they are there, and set as the service needs them. */
export const poolCheck = (resources: AwsResources): AwsCheck => ({
  subject: POOL,
  run: async (abortSignal) => {
    const { settings, userPoolId, clientId, cognitoRegion } = resources;
    const region = regionOfPool(userPoolId) ?? cognitoRegion ?? settings.region;
    const client = new CognitoIdentityProviderClient(clientConfig({ ...settings, region }, 'cognito'));
    const call = (subject: string, action: string, resource: string, onlyToLook: boolean): AttemptedCall => ({
      subject,
      action: `cognito-idp:${action}`,
      resource,
      onlyToLook,
    });
    const poolName = `the user pool ${userPoolId}`;
    try {
      const [pool, app, users] = await Promise.all([
        attempt(call(POOL, 'DescribeUserPool', poolName, true), abortSignal, () =>
          client.send(new DescribeUserPoolCommand({ UserPoolId: userPoolId }), { abortSignal }),
        ),
        attempt(call(CLIENT, 'DescribeUserPoolClient', `the app client ${clientId}`, true), abortSignal, () =>
          client.send(new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }), {
            abortSignal,
          }),
        ),
        // Nobody has this name; a pool that says so lets the service ask.
        attempt(
          call(POOL, 'AdminGetUser', poolName, false),
          abortSignal,
          () =>
            client.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: randomUUID() }), { abortSignal }),
          ['UserNotFoundException'],
        ),
      ]);
      return [
        ...faultsOf([pool, app, users]),
        ...(pool.isOk() ? poolFindings(userPoolId, pool.value?.UserPool ?? {}) : []),
        ...(app.isOk() ? clientFindings(clientId, app.value?.UserPoolClient ?? {}) : []),
      ];
    } finally {
      client.destroy();
    }
  },
});

function poolFindings(id: string, pool: UserPoolType): readonly Finding[] {
  const findings: Finding[] = [];
  const isSignIn = [...(pool.UsernameAttributes ?? []), ...(pool.AliasAttributes ?? [])].includes('email');
  if (!isSignIn) {
    findings.push(
      problem(
        POOL,
        `people cannot sign in to ${id} by e-mail`,
        'Sign-in attributes are chosen when a pool is made: use another pool.',
      ),
    );
  }
  if (!(pool.AutoVerifiedAttributes ?? []).includes('email')) {
    findings.push(
      warning(POOL, `${id} does not verify e-mail addresses`, 'Let Cognito send a code to every new address.'),
    );
  }
  return findings.length > 0 ? findings : [fine(POOL, `${id} exists, with sign-in by e-mail`)];
}

function clientFindings(id: string, app: UserPoolClientType): readonly Finding[] {
  const findings: Finding[] = [];
  if (app.ClientSecret !== undefined && app.ClientSecret !== '') {
    findings.push(problem(CLIENT, `${id} has a client secret`, 'Make a client without one: Clarity sends none.'));
  }
  const flows: readonly string[] = app.ExplicitAuthFlows ?? [];
  for (const names of NEEDED_FLOWS) {
    if (names.some((name) => flows.includes(name))) continue;
    findings.push(problem(CLIENT, `${id} does not allow ${names[0]}`, `Add ${names[0]} to its flows.`));
  }
  if (app.EnableTokenRevocation === false) {
    findings.push(
      warning(CLIENT, `${id} does not revoke tokens`, 'Turn token revocation on, or logging out ends nothing.'),
    );
  }
  return findings.length > 0 ? findings : [fine(CLIENT, `${id} exists, with the flows that are needed and no secret`)];
}

/** Fetches like the platform's `fetch`; injected, so that tests need no network. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** The keys by which access tokens are checked. */
export const keysCheck = ({ settings, userPoolId }: AwsResources, fetchUrl: Fetch): AwsCheck => ({
  subject: KEYS,
  run: async (abortSignal) => {
    const { jwksUri } = issuerOfPool(settings, userPoolId);
    try {
      const response = await fetchUrl(jwksUri, { signal: abortSignal });
      if (!response.ok) {
        return [problem(KEYS, `${jwksUri} answers ${response.status}`, 'Correct COGNITO_USER_POOL_ID or its region.')];
      }
      const { keys } = (await response.json()) as { readonly keys?: readonly unknown[] };
      return [
        Array.isArray(keys) && keys.length > 0
          ? fine(KEYS, 'the keys of the user pool can be fetched')
          : problem(KEYS, `${jwksUri} has no keys`, 'See what stands between this machine and Cognito.'),
      ];
    } catch {
      abortSignal.throwIfAborted();
      return [
        problem(KEYS, `${jwksUri} cannot be fetched`, 'Let this machine reach Cognito; tokens cannot be checked.'),
      ];
    }
  },
});
