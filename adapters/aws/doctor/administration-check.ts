import { randomUUID } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  ListUsersCommand,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { fine, type Finding } from '../../../core/diagnosis/finding.ts';
import { regionOfPool } from '../cognito/user-pool.ts';
import { clientConfig } from '../settings.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { faultFinding, faultKind } from './aws-fault.ts';

const SUBJECT = 'Cognito administration';
const GROUP = 'admin';

/** A call as a policy names it, made on somebody who does not exist. */
type Probe = readonly [action: string, send: (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>];

/**
 * Whether the role may do what administrators and people who leave have done to accounts. Each call is made on a name that
 * nobody has, so it changes nothing: AWS looks at permissions first, and whatever else it answers says that they are there.
 * What cannot be tried without an effect (`CreateGroup`) is not tried.
 */
export const administrationCheck = ({ settings, userPoolId, cognitoRegion }: AwsResources): AwsCheck => ({
  subject: SUBJECT,
  run: async (abortSignal) => {
    const region = regionOfPool(userPoolId) ?? cognitoRegion ?? settings.region;
    const client = new CognitoIdentityProviderClient(clientConfig({ ...settings, region }, 'cognito'));
    try {
      const tried = await Promise.all(
        probes(client, userPoolId).map((probe) => denied(probe, `the user pool ${userPoolId}`, abortSignal)),
      );
      const findings = tried.filter((finding) => finding !== null);
      return findings.length > 0 ? findings : [fine(SUBJECT, 'accounts may be looked for, changed and removed')];
    } finally {
      client.destroy();
    }
  },
});

function probes(client: CognitoIdentityProviderClient, userPoolId: string): readonly Probe[] {
  const pool = { UserPoolId: userPoolId };
  const user = { ...pool, Username: randomUUID() };
  const member = { ...user, GroupName: GROUP };
  const attributes = { ...user, UserAttributes: [{ Name: 'name', Value: 'nobody' }] };
  return [
    ['ListUsers', (options) => client.send(new ListUsersCommand({ ...pool, Limit: 1 }), options)],
    [
      'ListUsersInGroup',
      (options) => client.send(new ListUsersInGroupCommand({ ...pool, GroupName: GROUP, Limit: 1 }), options),
    ],
    ['AdminListGroupsForUser', (options) => client.send(new AdminListGroupsForUserCommand(user), options)],
    ['AdminAddUserToGroup', (options) => client.send(new AdminAddUserToGroupCommand(member), options)],
    ['AdminRemoveUserFromGroup', (options) => client.send(new AdminRemoveUserFromGroupCommand(member), options)],
    ['AdminDisableUser', (options) => client.send(new AdminDisableUserCommand(user), options)],
    ['AdminEnableUser', (options) => client.send(new AdminEnableUserCommand(user), options)],
    ['AdminUserGlobalSignOut', (options) => client.send(new AdminUserGlobalSignOutCommand(user), options)],
    ['AdminUpdateUserAttributes', (options) => client.send(new AdminUpdateUserAttributesCommand(attributes), options)],
    ['AdminDeleteUser', (options) => client.send(new AdminDeleteUserCommand(user), options)],
  ];
}

/** The finding where the call is not allowed. That the pool is absent, or out of reach, the pool's own check says. */
async function denied([action, send]: Probe, resource: string, abortSignal: AbortSignal): Promise<Finding | null> {
  try {
    await send({ abortSignal });
    return null;
  } catch (cause) {
    abortSignal.throwIfAborted();
    if (faultKind(cause) !== 'denied') return null;
    return faultFinding({ subject: SUBJECT, action: `cognito-idp:${action}`, resource }, cause);
  }
}
