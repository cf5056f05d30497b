import { Stack, Validations } from 'aws-cdk-lib';
import { CfnManagedPolicy, CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct, IConstruct } from 'constructs';

/** A finding of the rule packs that stays as it is, and why that is right. */
interface Acknowledged {
  /** Such as `AwsSolutions-COG1`, of the pack that its prefix names. */
  readonly rule: string;
  /** The ends of the paths of the constructs that it is about. */
  readonly at: readonly RegExp[];
  readonly reason: string;
}

/** All of them. A test fails on a finding that is not here, and on an entry that no finding needs. */
export const ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    rule: 'AwsSolutions-COG1',
    at: [/\/UserPool\/Resource$/],
    reason:
      'The password rules are those of the contract: length and a mixture of letters and digits, and the ten thousand best-known passwords refused by the service.',
  },
  {
    rule: 'AwsSolutions-COG2',
    at: [/\/UserPool\/Resource$/],
    reason:
      'A second factor is everybody’s own choice: patients who have no other device must be able to reach their data.',
  },
  {
    rule: 'AwsSolutions-SMG4',
    at: [/\/StudyKey\/Resource$/],
    reason:
      'The key of researchers’ pseudonyms never changes: another one would make another participant of everybody.',
  },
  {
    rule: 'HIPAA.Security-SecretsManagerRotationEnabled',
    at: [/\/StudyKey\/Resource$/],
    reason:
      'The key of researchers’ pseudonyms never changes: another one would make another participant of everybody.',
  },
  {
    rule: 'AwsSolutions-EC23',
    at: [/\/EntranceGroup\/Resource$/],
    reason:
      'The load balancer is the public entrance; port 80 only sends on to 443, and the firewall stands before both.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    at: [/\/TaskPolicy\/Resource$/],
    reason: 'Every object of the uploads and every file of the models: their keys are made while the service runs.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    at: [/\/ExecutionRole\/DefaultPolicy\/Resource$/],
    reason: 'ecr:GetAuthorizationToken knows no resources.',
  },
  {
    rule: 'AwsSolutions-ECS2',
    at: [/\/Task-(?:web|worker)\/Resource$/],
    reason: 'Names of resources and switches, nothing secret; what is secret comes from Secrets Manager.',
  },
  {
    rule: 'HIPAA.Security-DynamoDBInBackupPlan',
    at: [/\/Table\/Resource$/],
    reason: 'Point-in-time recovery keeps 35 days. Backups for longer would keep what people have had deleted.',
  },
  {
    rule: 'HIPAA.Security-S3BucketReplicationEnabled',
    at: [/\/(?:AccessLogs|Uploads|Models)\/Resource$/],
    reason:
      'S3 keeps every object in three zones; a copy in another region would have to be erased there too whenever a person deletes data, and is the operator’s decision.',
  },
  {
    rule: 'HIPAA.Security-S3BucketVersioningEnabled',
    at: [/\/(?:AccessLogs|Uploads)\/Resource$/],
    reason: 'What a person deletes is gone: an old version would keep it. Objects are never overwritten.',
  },
  {
    rule: 'HIPAA.Security-S3DefaultEncryptionKMS',
    at: [/\/AccessLogs\/Resource$/],
    reason: 'The load balancer can write its access log to a bucket with S3’s own keys only.',
  },
  {
    rule: 'AwsSolutions-S1',
    at: [/\/AccessLogs\/Resource$/],
    reason: 'It is the bucket of the access logs.',
  },
  {
    rule: 'HIPAA.Security-S3BucketLoggingEnabled',
    at: [/\/AccessLogs\/Resource$/],
    reason: 'It is the bucket of the access logs.',
  },
  {
    rule: 'HIPAA.Security-VPCNoUnrestrictedRouteToIGW',
    at: [/\/Vpc\/publicSubnet\d\/DefaultRoute$/],
    reason:
      'The load balancer and the NAT gateways are in the public subnets, and nothing else; tasks are in the private ones.',
  },
  {
    rule: 'HIPAA.Security-VPCDefaultSecurityGroupClosed',
    at: [/\/Vpc\/Resource$/],
    reason:
      'Nothing is in the default group; emptying it would take a Lambda function with more permissions than the service has.',
  },
  {
    rule: 'HIPAA.Security-IAMNoInlinePolicy',
    at: [/\/ExecutionRole\/DefaultPolicy\/Resource$/, /\/FlowLog\/IAMRole\/DefaultPolicy\/Resource$/],
    reason: 'The policy belongs to one role and is to go with it.',
  },
  {
    rule: 'HIPAA.Security-ELBv2ACMCertificateRequired',
    at: [/\/LoadBalancer\/Http\/Resource$/],
    reason: 'The listener on port 80 sends everything on to HTTPS and answers nothing else.',
  },
];

/** Tells the rule packs what stays. */
export function acknowledge(root: Construct): void {
  for (const construct of root.node.findAll()) {
    for (const { rule, at, reason } of ACKNOWLEDGED) {
      if (at.some((end) => end.test(`/${construct.node.path}`))) acknowledgeAt(construct, rule, reason);
    }
  }
}

function acknowledgeAt(construct: IConstruct, rule: string, reason: string): void {
  const pack = rule.slice(0, rule.lastIndexOf('-'));
  for (const finding of findingsOf(construct, rule)) {
    Validations.of(construct).acknowledge({ id: `${pack}::${rule}${finding}`, reason });
  }
}

/** A rule about policies has one finding for each of their wildcards, and each is acknowledged by itself. */
function findingsOf(construct: IConstruct, rule: string): readonly string[] {
  if (rule !== 'AwsSolutions-IAM5') return [''];
  if (!(construct instanceof CfnManagedPolicy || construct instanceof CfnPolicy)) return [];
  const { Statement } = Stack.of(construct).resolve(construct.policyDocument) as {
    readonly Statement: readonly { readonly Resource: unknown }[];
  };
  return Statement.flatMap(({ Resource }) => (Array.isArray(Resource) ? (Resource as unknown[]) : [Resource]))
    .map((resource) => flattenCfnReference(resource))
    .filter((resource) => resource.includes('*'))
    .map((resource) => `[Resource::${resource}]`);
}
