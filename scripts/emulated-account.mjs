// Makes in an emulated AWS account what hosts/ecs makes in a real one, and writes down what only the account knows:
//
//   AWS_ENDPOINT_URL=http://127.0.0.1:5000 node scripts/emulated-account.mjs account.env
//   STORAGE=aws AWS_ENDPOINT_URL=http://127.0.0.1:5000 node --env-file=account.env dist/hosts/express/main.js
//
// The names are those of the service's own variables (docs/aws.md). Where the file is there already and its pool too,
// nothing is done. It refuses to run without an endpoint: what it makes is open to everybody.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

const [file, ...others] = process.argv.slice(2);
const { env } = process;
const region = env.AWS_REGION ?? 'us-east-1';

const client = (Client, service, options = {}) => {
  const endpoint = env[`${service}_ENDPOINT_URL`] ?? env.AWS_ENDPOINT_URL;
  if (endpoint === undefined) throw new Error(`AWS_ENDPOINT_URL is not set, nor ${service}_ENDPOINT_URL`);
  return new Client({ endpoint, region, ...options });
};

/** Errors of these names are what a second run, or a lesser emulator, answers. */
const unless = (names, calling) =>
  calling.catch((cause) => {
    if (!names.includes(cause.name)) throw cause;
  });

async function makeTable() {
  const dynamodb = client(DynamoDBClient, 'DYNAMODB');
  const TableName = env.DYNAMODB_TABLE_NAME ?? 'clarity-health-data';
  await unless(
    ['ResourceInUseException'],
    dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk', 'processing_id'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'processing-id-index',
            KeySchema: [{ AttributeName: 'processing_id', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    ),
  );
  const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
  await unless(
    ['UnknownOperationException', 'ValidationException'],
    dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })),
  );
}

async function makeBucket() {
  const Bucket = env.S3_BUCKET_NAME ?? 'clarity-health-uploads';
  const s3 = client(S3Client, 'S3', { forcePathStyle: true });
  await unless(['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'], s3.send(new CreateBucketCommand({ Bucket })));
}

async function makeQueues() {
  const sqs = client(SQSClient, 'SQS');
  const queue = env.CLARITY_HEALTH_DATA_QUEUE ?? 'clarity-health-data-processing';
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: env.CLARITY_DEAD_LETTER_QUEUE ?? `${queue}-dlq` }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 20 });
  await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes: { VisibilityTimeout: '120', RedrivePolicy } }));
}

async function makePool(cognito) {
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'clarity-users',
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
    }),
  );
  const UserPoolId = UserPool.Id;
  for (const GroupName of ['patient', 'clinician', 'researcher', 'admin']) {
    await cognito.send(new CreateGroupCommand({ UserPoolId, GroupName }));
  }
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'clarity-backend',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      AccessTokenValidity: 15,
      TokenValidityUnits: { AccessToken: 'minutes' },
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    }),
  );
  return { COGNITO_USER_POOL_ID: UserPoolId, COGNITO_CLIENT_ID: UserPoolClient.ClientId };
}

/** Whether the pool that the file names is still there; an emulator forgets it when it ends. */
async function isThere(cognito) {
  if (!existsSync(file)) return false;
  const { COGNITO_USER_POOL_ID: UserPoolId } = parseEnv(readFileSync(file, 'utf8'));
  return cognito.send(new DescribeUserPoolCommand({ UserPoolId })).then(
    () => true,
    () => false,
  );
}

async function main() {
  const cognito = client(CognitoIdentityProviderClient, 'COGNITO');
  if (await isThere(cognito)) return `${file} is of this account`;
  await Promise.all([makeTable(), makeBucket(), makeQueues()]);
  const { TopicArn } = await client(SNSClient, 'SNS').send(new CreateTopicCommand({ Name: 'clarity-events' }));
  const { KeyMetadata } = await client(KMSClient, 'KMS').send(new CreateKeyCommand({ Description: 'data keys' }));
  const known = {
    ...(await makePool(cognito)),
    CLARITY_SNS_TOPIC_ARN: TopicArn,
    KMS_KEY_ID: KeyMetadata.KeyId,
    STUDY_KEY: randomBytes(32).toString('hex'),
  };
  const lines = Object.entries(known).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return `${Object.keys(known).join(', ')} written to ${file}`;
}

if (file === undefined || others.length > 0) {
  console.error('usage: node scripts/emulated-account.mjs FILE');
  process.exitCode = 2;
} else {
  console.log(await main());
}
