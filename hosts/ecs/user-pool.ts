import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';

/** Where people have their accounts. */
export interface People {
  readonly pool: cognito.IUserPool;
  readonly poolId: string;
  readonly clientId: string;
}

/** What a caller can be beside the owner of their own data; a group's name is the role. */
const GROUPS = ['patient', 'clinician', 'researcher', 'admin'] as const;

/** The user pool: an existing one, or one as the service wants it. */
export function peopleOf(scope: Construct, { name, userPool }: Deployment): People {
  if (!('create' in userPool)) {
    const { id: poolId, clientId } = userPool;
    return { pool: cognito.UserPool.fromUserPoolId(scope, 'UserPool', poolId), poolId, clientId };
  }
  const pool = new cognito.UserPool(scope, 'UserPool', {
    userPoolName: `${name}-users`,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    selfSignUpEnabled: true,
    autoVerify: { email: true },
    // A new address takes the old one's place only once it was confirmed.
    keepOriginal: { email: true },
    standardAttributes: { email: { required: true, mutable: true }, fullname: { required: false, mutable: true } },
    passwordPolicy: {
      minLength: 8,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: false,
    },
    mfa: cognito.Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
    featurePlan: cognito.FeaturePlan.PLUS,
    standardThreatProtectionMode: cognito.StandardThreatProtectionMode.FULL_FUNCTION,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const groupName of GROUPS)
    new cognito.CfnUserPoolGroup(scope, `Group-${groupName}`, { userPoolId: pool.userPoolId, groupName });
  const client = pool.addClient('Client', {
    userPoolClientName: `${name}-backend`,
    authFlows: { userPassword: true },
    generateSecret: false,
    accessTokenValidity: Duration.minutes(15),
    idTokenValidity: Duration.minutes(15),
    refreshTokenValidity: Duration.days(30),
    refreshTokenRotationGracePeriod: Duration.seconds(30),
    enableTokenRevocation: true,
    preventUserExistenceErrors: true,
    disableOAuth: true,
  });
  return { pool, poolId: pool.userPoolId, clientId: client.userPoolClientId };
}
