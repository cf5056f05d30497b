import {
  AdminDisableUserCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AwsCheck } from '../../../adapters/aws/doctor/aws-check.ts';
import type { AwsResources } from '../../../adapters/aws/settings.ts';
import { administrationCheck } from '../../../adapters/aws/doctor/administration-check.ts';
import { awsChecks } from '../../../adapters/aws/doctor/aws-checks.ts';
import { credentialsCheck } from '../../../adapters/aws/doctor/account-checks.ts';
import { flagsCheck } from '../../../adapters/aws/doctor/flags-check.ts';
import { keysCheck, poolCheck } from '../../../adapters/aws/doctor/pool-checks.ts';
import { bucketCheck } from '../../../adapters/aws/doctor/bucket-check.ts';
import { queueCheck, topicCheck } from '../../../adapters/aws/doctor/queue-checks.ts';
import { tableCheck } from '../../../adapters/aws/doctor/table-check.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { withEnvironment } from '../account/installations.ts';

/** Answers of AWS as its documentation and its services give them, where no emulator gives them. */
const answers = suite('clarity doctor: what AWS answers');

const RESOURCES: AwsResources = {
  settings: settingsFor({}),
  tableName: 'clarity-health-data',
  bucketName: 'clarity-uploads',
  kmsKeyId: 'alias/clarity',
  dataKmsKeyId: null,
  queueName: 'jobs',
  deadLetterQueueName: 'jobs-dlq',
  topicArn: 'arn:aws:sns:us-east-1:123456789012:events',
  userPoolId: 'us-east-1_Abc123',
  clientId: 'client',
  cognitoRegion: null,
  ttlDays: 90,
};
const TOPIC = RESOURCES.topicArn ?? '';

/** An error as the SDK throws it. */
function awsError(name: string, status: number, message = 'secret words of the request', code?: string): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status },
    ...(code === undefined ? {} : { code }),
  });
}

const DENIED = awsError('AccessDeniedException', 400);

const mockClients = () => ({
  dynamo: mockClient(DynamoDBClient),
  s3: mockClient(S3Client),
  sqs: mockClient(SQSClient),
  sns: mockClient(SNSClient),
  ssm: mockClient(SSMClient),
  cognito: mockClient(CognitoIdentityProviderClient),
});
let mocks: ReturnType<typeof mockClients>;

// The SDK's classes are shared with all test files, and are mocked only while this suite runs.
answers.before(() => {
  mocks = mockClients();
});
answers.after.each(() => {
  for (const mock of Object.values(mocks)) mock.reset();
});
answers.after(() => {
  for (const mock of Object.values(mocks)) mock.restore();
});

async function said({ run }: AwsCheck): Promise<readonly string[]> {
  const findings = await run(new AbortController().signal);
  assert.not.match(JSON.stringify(findings), 'secret words');
  return findings.map(({ state, subject, message }) => `${state} ${subject}: ${message}`);
}

const TABLE: TableDescription = {
  TableStatus: 'ACTIVE',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'processing_id', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'processing-id-index',
      IndexStatus: 'ACTIVE',
      KeySchema: [{ AttributeName: 'processing_id', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const [INDEX] = TABLE.GlobalSecondaryIndexes ?? [];

function soundTable(table: TableDescription = TABLE): void {
  mocks.dynamo.onAnyCommand().resolves({});
  mocks.dynamo.on(DescribeTableCommand).resolves({ Table: table });
  mocks.dynamo.on(DescribeTimeToLiveCommand).resolves({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' },
  });
}

answers('a table with its expiry turned on is fine', async () => {
  soundTable();
  assert.equal(await said(tableCheck(RESOURCES)), [
    'fine DynamoDB table: clarity-health-data is ACTIVE, with its keys and processing-id-index',
    'fine DynamoDB table: clarity-health-data removes items by their attribute ttl',
    'fine DynamoDB table: clarity-health-data may be read and written',
  ]);
});

for (const [what, table, expected] of [
  ['is being made', { ...TABLE, TableStatus: 'CREATING' }, /^problem .* clarity-health-data is CREATING$/],
  ['is being changed', { ...TABLE, TableStatus: 'UPDATING' }, /^warning .* is being updated$/],
  [
    'has a number for a key',
    { ...TABLE, AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'N' }] },
    /^problem .* pk of clarity-health-data is N, not a text$/,
  ],
  [
    'has an index that is being built',
    { ...TABLE, GlobalSecondaryIndexes: [{ ...INDEX, IndexStatus: 'CREATING' }] },
    /^problem .* processing-id-index is CREATING$/,
  ],
  [
    'has an index of keys only',
    { ...TABLE, GlobalSecondaryIndexes: [{ ...INDEX, Projection: { ProjectionType: 'KEYS_ONLY' } }] },
    /^problem .* processing-id-index does not project all attributes$/,
  ],
  [
    'has an index by something else',
    { ...TABLE, GlobalSecondaryIndexes: [{ ...INDEX, KeySchema: [{ AttributeName: 'user_id', KeyType: 'HASH' }] }] },
    /^problem .* processing-id-index has the key user_id$/,
  ],
  ['tells nothing of itself', {}, /^problem .* clarity-health-data is unknown$/],
] as const) {
  answers(`a table that ${what}`, async () => {
    soundTable(table as TableDescription);
    assert.match((await said(tableCheck(RESOURCES)))[0] ?? '', expected);
  });
}

answers('a table that keeps what it should remove', async () => {
  soundTable();
  for (const TimeToLiveDescription of [
    { TimeToLiveStatus: 'DISABLED' },
    { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' },
    undefined,
  ] as const) {
    mocks.dynamo.on(DescribeTimeToLiveCommand).resolves({ ...(TimeToLiveDescription && { TimeToLiveDescription }) });
    assert.match((await said(tableCheck(RESOURCES)))[1] ?? '', /^problem .*DYNAMODB_TTL_DAYS is set/);
  }
});

answers('one right that is missing is named; one that only the doctor needs is a warning', async () => {
  soundTable();
  mocks.dynamo.on(DescribeTableCommand).rejects(DENIED);
  mocks.dynamo.on(DescribeTimeToLiveCommand).rejects(DENIED);
  mocks.dynamo.on(GetItemCommand).rejects(DENIED);
  assert.equal(await said(tableCheck(RESOURCES)), [
    'warning DynamoDB table: the table clarity-health-data cannot be looked at: dynamodb:DescribeTable is not allowed',
    'warning DynamoDB table: the table clarity-health-data cannot be looked at: dynamodb:DescribeTimeToLive is not allowed',
    'problem DynamoDB table: dynamodb:GetItem on the table clarity-health-data is not allowed (access denied)',
  ]);
});

for (const [error, expected] of [
  [DENIED, /is not allowed \(access denied\)$/],
  [awsError('AccessDenied', 403), /is not allowed/],
  [awsError('AuthorizationError', 403), /is not allowed/],
  [awsError('403', 403), /is not allowed/],
  [awsError('ResourceNotFoundException', 400), /the table clarity-health-data does not exist$/],
  [awsError('404', 404), /does not exist$/],
  [awsError('UnrecognizedClientException', 400), /^problem AWS credentials: AWS refuses the credentials \(Unrec/],
  [awsError('ExpiredTokenException', 400), /AWS refuses the credentials \(ExpiredTokenException\)$/],
  [awsError('InvalidAccessKeyId', 403), /AWS refuses the credentials/],
  [awsError('CredentialsProviderError', 0), /^problem AWS credentials: no AWS credentials were found$/],
  [awsError('RequestTimeTooSkewed', 403), /^problem clock: AWS refuses requests/],
  [
    awsError('InvalidSignatureException', 400, 'Signature expired: 20250101T000000Z is now earlier'),
    /^problem clock: AWS refuses requests/,
  ],
  [awsError('InvalidSignatureException', 400), /AWS refuses the credentials \(InvalidSignatureException\)$/],
  [awsError('ThrottlingException', 400), /failed for now \(ThrottlingException\)$/],
  [awsError('InternalServerError', 500), /failed for now/],
  [awsError('Error', 0, 'connect', 'ECONNREFUSED'), /cannot be reached \(ECONNREFUSED\)$/],
  [awsError('ValidationException', 400), /dynamodb:GetItem on .* failed \(ValidationException\)$/],
] as const) {
  answers(`${error.name} ${error.message.slice(0, 17)} is told for what it is`, async () => {
    soundTable();
    mocks.dynamo.on(GetItemCommand).rejects(error);
    assert.match((await said(tableCheck(RESOURCES)))[2] ?? '', expected);
  });
}

const stored = (text: string) => ({ Body: { transformToString: () => Promise.resolve(text) } }) as never;

function soundBucket(): void {
  mocks.s3.onAnyCommand().resolves({});
  mocks.s3.on(GetObjectCommand).resolves(stored('clarity doctor'));
  mocks.s3.on(GetBucketEncryptionCommand).resolves({
    ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
  });
}

answers('a bucket is probed as the service writes, and the probe is removed', async () => {
  soundBucket();
  assert.equal(await said(bucketCheck(RESOURCES)), [
    'fine S3 bucket: clarity-uploads exists',
    'fine S3 bucket: clarity-uploads encrypts by default',
    'fine S3 bucket: clarity-uploads may be written, read and deleted from',
  ]);
  const [put] = mocks.s3.commandCalls(PutObjectCommand);
  assert.equal([put?.args[0].input.ServerSideEncryption, put?.args[0].input.SSEKMSKeyId], ['aws:kms', 'alias/clarity']);
  assert.is(mocks.s3.commandCalls(DeleteObjectCommand)[0]?.args[0].input.Key, put?.args[0].input.Key);
});

answers('a bucket of another region, without encryption, that may only be looked at', async () => {
  soundBucket();
  mocks.s3.on(HeadBucketCommand).rejects(awsError('301', 301));
  mocks.s3.on(GetBucketEncryptionCommand).rejects(awsError('ServerSideEncryptionConfigurationNotFoundError', 404));
  mocks.s3.on(PutObjectCommand).rejects(awsError('AccessDenied', 403));
  assert.equal(await said(bucketCheck(RESOURCES)), [
    'problem S3 bucket: clarity-uploads lies in another region',
    'warning S3 bucket: clarity-uploads has no default encryption',
    'problem S3 bucket: s3:PutObject on the bucket clarity-uploads is not allowed (access denied)',
  ]);
});

answers('a bucket that may not be seen, read or deleted from', async () => {
  soundBucket();
  mocks.s3.on(HeadBucketCommand).rejects(awsError('403', 403));
  mocks.s3.on(GetBucketEncryptionCommand).rejects(awsError('AccessDenied', 403));
  mocks.s3.on(GetObjectCommand).rejects(awsError('AccessDenied', 403));
  mocks.s3.on(DeleteObjectCommand).rejects(awsError('AccessDenied', 403));
  const lines = await said(bucketCheck(RESOURCES));
  for (const [i, expected] of [
    /^warning .*s3:ListBucket is not allowed$/,
    /^warning .*s3:GetEncryptionConfiguration is not allowed$/,
    /^problem .*s3:GetObject .*access denied/,
    /^problem .*s3:DeleteObject .*access denied/,
    /^warning .*the object doctor\/[0-9a-f-]{36} was left in clarity-uploads$/,
  ].entries()) {
    assert.match(lines[i] ?? '', expected);
  }
});

answers('a bucket that answers other bytes', async () => {
  soundBucket();
  mocks.s3.on(GetObjectCommand).resolves(stored('<html>'));
  assert.match((await said(bucketCheck(RESOURCES)))[2] ?? '', /^problem .*answered other bytes/);
});

answers('queues that may not be seen, and a policy that is none', async () => {
  mocks.sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://queue' });
  mocks.sqs.on(GetQueueAttributesCommand).rejects(awsError('AccessDenied', 403));
  const [queue, deadLetters, ...more] = await said(queueCheck(RESOURCES));
  assert.match(queue ?? '', /^warning SQS queues: the queue jobs cannot be looked at: sqs:GetQueueAttributes/);
  assert.match(deadLetters ?? '', /^warning SQS queues: the queue jobs-dlq cannot be looked at/);
  assert.equal(more, []);
  for (const RedrivePolicy of ['not json', '{}']) {
    mocks.sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { QueueArn: 'arn:dlq', RedrivePolicy } });
    assert.match(
      (await said(queueCheck(RESOURCES)))[0] ?? '',
      /^problem .*jobs sends its dead letters to , not to jobs-dlq/,
    );
  }
  mocks.sqs.on(GetQueueUrlCommand).rejects(awsError('AccessDenied', 403));
  assert.match(
    (await said(queueCheck(RESOURCES)))[0] ?? '',
    /^problem .*sqs:GetQueueUrl on the queue jobs is not allowed/,
  );
  mocks.sqs.on(GetQueueUrlCommand).rejects(awsError('QueueDoesNotExist', 400));
  assert.match((await said(queueCheck(RESOURCES)))[1] ?? '', /^problem .*the queue jobs-dlq does not exist/);
});

answers('a topic that is not there, and one that may not be seen', async () => {
  mocks.sns.onAnyCommand().rejects(awsError('NotFound', 404));
  assert.equal(await said(topicCheck(RESOURCES, TOPIC)), ['problem SNS topic: the topic events does not exist']);
  mocks.sns.onAnyCommand().rejects(awsError('AuthorizationError', 403));
  assert.match((await said(topicCheck(RESOURCES, TOPIC)))[0] ?? '', /^warning .*sns:GetTopicAttributes is not allowed/);
});

answers('a pool and a client that are set in another way', async () => {
  mocks.cognito.onAnyCommand().rejects(awsError('UserNotFoundException', 400));
  mocks.cognito.on(DescribeUserPoolCommand).resolves({ UserPool: { UsernameAttributes: ['phone_number'] } });
  mocks.cognito.on(DescribeUserPoolClientCommand).resolves({
    UserPoolClient: {
      ClientSecret: 'secret words',
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      EnableTokenRevocation: false,
    },
  });
  assert.equal(await said(poolCheck(RESOURCES)), [
    'problem Cognito user pool: people cannot sign in to us-east-1_Abc123 by e-mail',
    'warning Cognito user pool: us-east-1_Abc123 does not verify e-mail addresses',
    'problem Cognito app client: client has a client secret',
    'problem Cognito app client: client does not allow ALLOW_USER_PASSWORD_AUTH',
    'problem Cognito app client: client does not allow ALLOW_REFRESH_TOKEN_AUTH',
    'warning Cognito app client: client does not revoke tokens',
  ]);
});

answers('a pool of the former kind: an alias, and flows by their former names', async () => {
  mocks.cognito.onAnyCommand().rejects(awsError('UserNotFoundException', 400));
  mocks.cognito.on(DescribeUserPoolCommand).resolves({
    UserPool: { AliasAttributes: ['email'], AutoVerifiedAttributes: ['email'] },
  });
  mocks.cognito.on(DescribeUserPoolClientCommand).resolves({
    UserPoolClient: { ExplicitAuthFlows: ['USER_PASSWORD_AUTH'] },
  });
  assert.equal(await said(poolCheck(RESOURCES)), [
    'fine Cognito user pool: us-east-1_Abc123 exists, with sign-in by e-mail',
    'problem Cognito app client: client does not allow ALLOW_REFRESH_TOKEN_AUTH',
  ]);
});

answers('a pool of which nothing may be seen or asked', async () => {
  mocks.cognito.onAnyCommand().rejects(DENIED);
  assert.equal(await said(poolCheck(RESOURCES)), [
    'warning Cognito user pool: the user pool us-east-1_Abc123 cannot be looked at: cognito-idp:DescribeUserPool is not allowed',
    'warning Cognito app client: the app client client cannot be looked at: cognito-idp:DescribeUserPoolClient is not allowed',
    'problem Cognito user pool: cognito-idp:AdminGetUser on the user pool us-east-1_Abc123 is not allowed (access denied)',
  ]);
});

answers(
  'what administrators do: each call that is not allowed is named, and any other answer says that it is',
  async () => {
    mocks.cognito.onAnyCommand().rejects(awsError('UserNotFoundException', 400));
    assert.equal(await said(administrationCheck(RESOURCES)), [
      'fine Cognito administration: accounts may be looked for, changed and removed',
    ]);
    mocks.cognito.on(ListUsersCommand).rejects(DENIED);
    mocks.cognito.on(AdminDisableUserCommand).rejects(DENIED);
    assert.equal(await said(administrationCheck(RESOURCES)), [
      'problem Cognito administration: cognito-idp:ListUsers on the user pool us-east-1_Abc123 is not allowed (access denied)',
      'problem Cognito administration: cognito-idp:AdminDisableUser on the user pool us-east-1_Abc123 is not allowed (access denied)',
    ]);
    const names = new Set(
      mocks.cognito.calls().map(({ args: [{ input }] }) => (input as { Username?: string }).Username),
    );
    names.delete(undefined);
    assert.is(names.size, 2, 'one name that nobody has, a run');
  },
);

answers('keys that are not there', async () => {
  const asked: string[] = [];
  const keys = (body: string, status = 200) =>
    keysCheck(RESOURCES, (url) => {
      asked.push(url);
      return Promise.resolve(new Response(body, { status }));
    });
  assert.equal(await said(keys('{"keys":[{"kid":"a"}]}')), [
    'fine Cognito keys: the keys of the user pool can be fetched',
  ]);
  assert.match((await said(keys('{}')))[0] ?? '', /^problem .*has no keys$/);
  assert.match((await said(keys('', 400)))[0] ?? '', /^problem .*answers 400$/);
  assert.match((await said(keys('<html>')))[0] ?? '', /^problem .*cannot be fetched$/);
  assert.is(asked[0], 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123/.well-known/jwks.json');
});

answers('a clock that nobody tells', async () => {
  const clock = { now: () => 0 };
  const checks = (fetchUrl: () => Promise<Response>): AwsCheck =>
    awsChecks(RESOURCES, { clock, fetchUrl }).withoutCredentials[1]!;
  assert.match(
    (await said(checks(() => Promise.resolve(new Response('')))))[0] ?? '',
    /^warning clock: .*does not tell the time$/,
  );
  assert.match(
    (await said(checks(() => Promise.reject(new TypeError('fetch failed')))))[0] ?? '',
    /^problem clock: https:\/\/dynamodb\.us-east-1\.amazonaws\.com cannot be reached$/,
  );
});

answers('the exact edges of a clock that is off', async () => {
  const dateMs = Date.UTC(2025, 2, 3, 12);
  const off = async (ms: number): Promise<string> => {
    const fetchUrl = () => Promise.resolve(new Response('', { headers: { date: new Date(dateMs).toUTCString() } }));
    const clock = { now: () => dateMs + 500 + ms };
    return (await said(awsChecks(RESOURCES, { clock, fetchUrl }).withoutCredentials[1]!))[0] ?? '';
  };
  assert.match(await off(30_000), /^fine /);
  assert.match(await off(30_001), /^warning .*30 s ahead of/);
  assert.match(await off(-300_000), /^warning .*300 s behind/);
  assert.match(await off(-300_001), /^problem .*300 s behind/);
});

answers('no topic, no check of one', () => {
  const tools = { clock: { now: () => 0 }, fetchUrl: () => Promise.reject(new Error('not asked')) };
  const subjects = ({ withCredentials }: ReturnType<typeof awsChecks>) => withCredentials.map(({ subject }) => subject);
  assert.ok(subjects(awsChecks(RESOURCES, tools)).includes('SNS topic'));
  assert.not(subjects(awsChecks({ ...RESOURCES, topicArn: null }, tools)).includes('SNS topic'));
});

answers('credentials that nobody has', async () => {
  const nothing = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
    AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_CONFIG_FILE: '/nowhere/config',
  };
  await withEnvironment(nothing, async () => {
    assert.equal(await said(credentialsCheck(RESOURCES)), ['problem AWS credentials: no AWS credentials were found']);
  });
});

answers('a check whose time is over says nothing itself', async () => {
  const over = AbortSignal.abort(new Error('the time is over'));
  const checks = awsChecks(RESOURCES, {
    clock: { now: () => 0 },
    fetchUrl: () => Promise.reject(new Error('aborted')),
  });
  const aborted = awsError('AbortError', 0);
  mocks.dynamo.onAnyCommand().rejects(aborted);
  mocks.s3.onAnyCommand().rejects(aborted);
  mocks.sqs.onAnyCommand().rejects(aborted);
  mocks.sns.onAnyCommand().rejects(aborted);
  mocks.cognito.onAnyCommand().rejects(aborted);
  for (const { run, subject } of [...checks.withCredentials, ...checks.withoutCredentials]) {
    const ended = await run(over).then(
      () => 'answered',
      (cause: unknown) => (cause as Error).message,
    );
    assert.is(ended, 'the time is over', subject);
  }
});

answers('feature flags: that they can be read and understood, or why not', async () => {
  const check = flagsCheck(RESOURCES, '/clarity/feature-flags');
  mocks.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'analysis:25%' } });
  assert.equal(await said(check), ['fine feature flags: auth:on,data:on,analysis:25%,insights:on']);
  mocks.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'analysis:some' } });
  assert.match(
    (await said(check))[0] ?? '',
    'problem feature flags: the parameter /clarity/feature-flags is not understood',
  );
  mocks.ssm.on(GetParameterCommand).rejects(DENIED);
  assert.match((await said(check))[0] ?? '', 'ssm:GetParameter');
  mocks.ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound', 400));
  assert.match((await said(check))[0] ?? '', /^problem feature flags: .*\/clarity\/feature-flags/);
  const subjects = (flagsParameter: string | null): readonly string[] =>
    awsChecks(RESOURCES, {
      clock: { now: () => 0 },
      fetchUrl: () => Promise.reject(new Error('no')),
      flagsParameter,
    }).withCredentials.map(({ subject }) => subject);
  assert.equal([subjects('/p').includes('feature flags'), subjects(null).includes('feature flags')], [true, false]);
});

answers.run();
