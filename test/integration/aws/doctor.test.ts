import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { doctorCommand, type DoctorTools } from '../../../hosts/cli/commands/doctor.ts';
import { makeBucket, type BucketUnderTest } from '../../emulators/buckets.ts';
import { makePool, type PoolUnderTest } from '../../emulators/cognito.ts';
import { emulator } from '../../emulators/emulators.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';
import { printed } from '../account/installations.ts';

const doctor = suite('clarity doctor over the wire');

interface World {
  readonly table: TableUnderTest;
  readonly bucket: BucketUnderTest;
  readonly pool: PoolUnderTest;
  readonly sqs: SQSClient;
  readonly queue: string;
  readonly environment: Readonly<Record<string, string>>;
}

let world: World;

doctor.before(async () => {
  const [table, bucket, pool] = await Promise.all([makeTable(), makeBucket(), makePool()]);
  const { endpointUrl } = await emulator('fauxqs', 'sqs');
  const region = table.settings.region ?? 'us-east-1';
  const sqs = new SQSClient({ endpoint: endpointUrl, region });
  const sns = new SNSClient({ endpoint: endpointUrl, region });
  const queue = `jobs-${randomUUID()}`;
  await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  await sqs.send(new CreateQueueCommand({ QueueName: `${queue}-dlq` }));
  await redriveTo(sqs, queue, `${queue}-dlq`, 100);
  const { TopicArn: topic } = await sns.send(new CreateTopicCommand({ Name: queue }));
  sns.destroy();
  world = {
    table,
    bucket,
    pool,
    sqs,
    queue,
    environment: {
      STORAGE: 'aws',
      AWS_REGION: region,
      DYNAMODB_ENDPOINT_URL: table.settings.endpointUrls.dynamodb ?? '',
      S3_ENDPOINT_URL: bucket.endpointUrl,
      SQS_ENDPOINT_URL: endpointUrl,
      SNS_ENDPOINT_URL: endpointUrl,
      COGNITO_ENDPOINT_URL: pool.settings.endpointUrls.cognito ?? '',
      DYNAMODB_TABLE_NAME: table.name,
      S3_BUCKET_NAME: bucket.name,
      CLARITY_HEALTH_DATA_QUEUE: queue,
      CLARITY_SNS_TOPIC_ARN: topic ?? '',
      COGNITO_USER_POOL_ID: pool.userPoolId,
      COGNITO_CLIENT_ID: pool.clientId,
      PAT_MODEL_BASE_DIR: `none-${randomUUID()}`,
    },
  };
});

doctor.after(async () => {
  await Promise.all([world.table.close(), world.bucket.close(), world.pool.close()]);
  world.sqs.destroy();
});

async function queueUrl(sqs: SQSClient, name: string): Promise<string> {
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return url ?? '';
}

async function redriveTo(sqs: SQSClient, queue: string, deadLetters: string, receives: number): Promise<void> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(sqs, deadLetters),
    AttributeNames: ['QueueArn'],
  });
  const { Attributes: { QueueArn: arn } = {} } = await sqs.send(command);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: receives });
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: await queueUrl(sqs, queue), Attributes: { RedrivePolicy } }),
  );
}

/** Runs the command in the good environment with these changes. */
async function examined(changes: Readonly<Record<string, string>> = {}, tools: Partial<DoctorTools> = {}) {
  const said = printed();
  const code = await doctorCommand(['--verbose'], said.output, {
    environment: { ...world.environment, ...changes },
    clock: { now: () => Date.now() },
    fetchUrl: (url, init) => fetch(url, init),
    freeBytes: () => Promise.resolve(1e12),
    deadline: { begin: () => new AbortController().signal, waited: 'for ever' },
    ...tools,
  });
  const lines = said.out().split('\n');
  return {
    code,
    problems: lines.filter((line) => line.startsWith('PROBLEM')),
    warnings: lines.filter((line) => line.startsWith('WARNING')),
    fine: lines.filter((line) => line.startsWith('ok')).map((line) => line.slice(2).trim()),
  };
}

doctor('an environment that has everything has no problem, and the probes leave nothing behind', async () => {
  const { code, problems, fine } = await examined();
  assert.equal(problems, []);
  assert.is(code, 0);
  const { queue, bucket, table, pool } = world;
  for (const line of [
    'AWS credentials: credentials were found.',
    `DynamoDB table: ${table.name} is ACTIVE, with its keys and processing-id-index.`,
    `DynamoDB table: ${table.name} may be read and written.`,
    `S3 bucket: ${bucket.name} exists.`,
    `S3 bucket: ${bucket.name} may be written, read and deleted from.`,
    `SQS queues: ${queue} and ${queue}-dlq exist and belong together.`,
    `SNS topic: ${queue} exists.`,
    `Cognito user pool: ${pool.userPoolId} exists, with sign-in by e-mail.`,
    `Cognito app client: ${pool.clientId} exists, with the flows that are needed and no secret.`,
    'Cognito keys: the keys of the user pool can be fetched.',
    'Cognito administration: accounts may be looked for, changed and removed.',
    'models: none is installed; analyses are made without.',
  ]) {
    assert.ok(fine.includes(line), `${line}\n${fine.join('\n')}`);
  }
  assert.ok(fine.some((line) => line.startsWith("clock: this machine's clock is 0 s")));
  assert.equal(await table.scan(), []);
  assert.equal(await bucket.keys(), []);
});

doctor('each resource that is not there is a problem of its own', async () => {
  const nothing = `nothing-${randomUUID()}`;
  const { code, problems } = await examined({
    DYNAMODB_TABLE_NAME: nothing,
    S3_BUCKET_NAME: nothing,
    CLARITY_HEALTH_DATA_QUEUE: nothing,
    COGNITO_USER_POOL_ID: 'us-east-1_nothing',
  });
  assert.is(code, 1);
  for (const what of [
    `DynamoDB table: the table ${nothing} does not exist.`,
    `S3 bucket: the bucket ${nothing} does not exist.`,
    `SQS queues: the queue ${nothing} does not exist.`,
    `SQS queues: the queue ${nothing}-dlq does not exist.`,
    'Cognito user pool: the user pool us-east-1_nothing does not exist.',
  ]) {
    assert.is(problems.filter((line) => line.includes(what)).length, 1, `${what}\n${problems.join('\n')}`);
  }
});

doctor('a table of another make is told from the right one', async () => {
  const name = `other-${randomUUID()}`;
  const { settings } = world.table;
  const client = new DynamoDBClient({
    endpoint: settings.endpointUrls.dynamodb ?? '',
    region: settings.region ?? 'us-east-1',
  });
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  const { problems } = await examined({ DYNAMODB_TABLE_NAME: name });
  await client.send(new DeleteTableCommand({ TableName: name }));
  client.destroy();
  assert.ok(problems.some((line) => line.includes(`${name} has the keys id HASH instead of pk HASH, sk RANGE`)));
  assert.ok(problems.some((line) => line.includes(`${name} has no index processing-id-index`)));
});

doctor('a queue whose dead letters go elsewhere, or too soon, or nowhere', async () => {
  const { sqs, queue, environment } = world;
  const other = `other-${randomUUID()}`;
  await queueUrl(sqs, other);
  const noted = async (): Promise<readonly string[]> => {
    const { problems, warnings } = await examined(environment);
    return [...problems, ...warnings].filter((line) => line.includes('SQS'));
  };
  await redriveTo(sqs, queue, other, 100);
  assert.match((await noted())[0] ?? '', `sends its dead letters to ${other}, not to ${queue}-dlq`);
  await redriveTo(sqs, queue, `${queue}-dlq`, 3);
  assert.match((await noted())[0] ?? '', 'gives messages up after 3 receives');
  await redriveTo(sqs, queue, `${queue}-dlq`, 100);
  assert.equal(await noted(), []);
  assert.ok(
    (await examined({ CLARITY_HEALTH_DATA_QUEUE: other, CLARITY_DEAD_LETTER_QUEUE: queue })).warnings.some((line) =>
      line.includes(`${other} has no redrive policy`),
    ),
  );
});

doctor('a clock that is wrong is told, and is a problem once AWS refuses it', async () => {
  const at = (aheadMs: number) => ({ clock: { now: () => Date.now() + aheadMs } });
  const ofClock = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.includes('clock:'));
  assert.match(ofClock((await examined({}, at(60_000))).warnings)[0] ?? '', /ahead of AWS's/);
  assert.match(ofClock((await examined({}, at(-600_000))).problems)[0] ?? '', /behind AWS's, which refuses/);
});

doctor('endpoints where nobody answers are told one by one, and no secret is', async () => {
  const nowhere = 'http://127.0.0.1:9';
  const variables = ['DYNAMODB', 'S3', 'SQS', 'SNS', 'COGNITO'].map((name) => [`${name}_ENDPOINT_URL`, nowhere]);
  const { code, problems, warnings, fine } = await examined(Object.fromEntries(variables) as Record<string, string>);
  assert.is(code, 1);
  for (const subject of [
    'DynamoDB table',
    'S3 bucket',
    'SQS queues',
    'SNS topic',
    'Cognito user pool',
    'Cognito keys',
    'clock',
  ]) {
    assert.ok(
      problems.some((line) => line.includes(`${subject}:`)),
      `${subject}\n${problems.join('\n')}`,
    );
  }
  const secret = process.env['AWS_SECRET_ACCESS_KEY'] ?? '';
  // The secret of the emulators is the word `test`, which names of theirs contain.
  if (secret.length > 8) assert.not.match([...problems, ...warnings, ...fine].join('\n'), secret);
});

doctor('a check that does not answer in its time is a problem and keeps no other', async () => {
  const { problems, fine } = await examined(
    {},
    { fetchUrl: () => new Promise<Response>(() => undefined), deadline: afterAbout(fetchChecks) },
  );
  assert.equal(
    problems.map((line) => line.split('. ')[0]),
    ['PROBLEM  Cognito keys: no answer within no time', 'PROBLEM  clock: no answer within no time'],
  );
  assert.ok(fine.some((line) => line.includes('may be read and written')));
});

/** The two that fetch are begun first, at once. */
const fetchChecks = 3;

/** Deadlines that end at once for those of the first so many checks that do nothing but wait. */
function afterAbout(first: number): DoctorTools['deadline'] {
  let begun = 0;
  return {
    begin: () => {
      begun++;
      // The first is that of the credentials, which are found at once.
      return begun > 1 && begun <= first ? AbortSignal.abort() : new AbortController().signal;
    },
    waited: 'no time',
  };
}

doctor.run();
