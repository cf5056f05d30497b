import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { createClient } from '../../contracts/client.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { makeBucket } from '../emulators/buckets.ts';
import { isCognitoLocal, makePool, SENT_CODE } from '../emulators/cognito.ts';
import { makeQueues } from '../emulators/queues.ts';
import type { Caller, ServiceUnderTest } from './operations.ts';
import { startProcess } from './running-service.ts';

const PASSWORD = 'Correct-horse-7';

/** What stands for an account's services. */
export interface EmulatedAccount {
  readonly queues: Awaited<ReturnType<typeof makeQueues>>;
  readonly bucket: Awaited<ReturnType<typeof makeBucket>>;
  readonly pool: Awaited<ReturnType<typeof makePool>>;
}

/** The variables of a process on the AWS profile over emulators. */
export function awsEnvironment({ queues, bucket, pool }: EmulatedAccount): Readonly<Record<string, string>> {
  return {
    STORAGE: 'aws',
    AWS_REGION: queues.settings.region ?? 'us-east-1',
    DYNAMODB_ENDPOINT_URL: queues.settings.endpointUrls.dynamodb ?? '',
    SQS_ENDPOINT_URL: queues.settings.endpointUrls.sqs ?? '',
    S3_ENDPOINT_URL: bucket.endpointUrl,
    COGNITO_ENDPOINT_URL: pool.settings.endpointUrls.cognito ?? '',
    DYNAMODB_TABLE_NAME: queues.table.name,
    S3_BUCKET_NAME: bucket.name,
    CLARITY_HEALTH_DATA_QUEUE: queues.queueName,
    CLARITY_DEAD_LETTER_QUEUE: queues.deadLetterQueueName,
    COGNITO_USER_POOL_ID: pool.userPoolId,
    COGNITO_CLIENT_ID: pool.clientId,
  };
}

/** The service in a process of its own, on the AWS profile over emulators. */
export async function startOnAws(): Promise<ServiceUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-operations-'));
  const [queues, bucket, pool] = [await makeQueues(), await makeBucket(), await makePool()];
  const service = await startProcess({
    DATA_DIR: folder,
    ENVIRONMENT: 'testing',
    WEBHOOK_ALLOWED_HOSTS: 'localhost',
    ...awsEnvironment({ queues, bucket, pool }),
    STUDY_KEY: 'a secret of the operator, without spaces'.replaceAll(' ', '-'),
  });
  const { url } = service;
  let people = 0;
  const newCaller = async (roles: readonly Role[] = []): Promise<Caller> => {
    people++;
    const email = `person-${String(people)}@example.org`;
    const plain = createClient({ baseUrl: url });
    const registered = await plain.register({ body: { email, password: PASSWORD } });
    assert.ok(registered.ok && registered.status === 202, JSON.stringify(registered));
    if (isCognitoLocal) assert.ok((await plain.confirmEmail({ body: { email, code: SENT_CODE } })).ok);
    else await pool.activate(email);
    for (const role of roles) await pool.addToGroup(email, role);
    const login = await plain.login({ body: { email, password: PASSWORD } });
    assert.ok(login.ok && login.status === 200, JSON.stringify(login));
    const { access_token: accessToken, refresh_token: refreshToken } = login.body;
    const client = createClient({ baseUrl: url, token: () => accessToken });
    const me = await client.describeMe();
    assert.ok(me.ok);
    return { client, email, password: PASSWORD, accessToken, refreshToken, userId: me.body.user_id };
  };
  return {
    url,
    newCaller,
    codeFor: () => Promise.resolve(SENT_CODE),
    takesDirectUploads: true,
    confirmsAccounts: true,
    keepsAccounts: false,
    // The gaps of the emulator that docs/aws.md names.
    lacks: isCognitoLocal ? ['wrong passwords', 'sending codes again', 'signing out as administrator'] : [],
    close: async () => {
      await service.stop();
      for (const emulated of [queues, bucket, pool]) await emulated.close();
      await rm(folder, { recursive: true });
    },
  };
}
