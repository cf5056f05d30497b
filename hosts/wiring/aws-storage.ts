import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { CognitoIdentityProvider } from '../../adapters/aws/cognito/cognito-identity-provider.ts';
import { CognitoTokenVerifier } from '../../adapters/aws/cognito/cognito-token-verifier.ts';
import { DynamoAnalysisStore } from '../../adapters/aws/dynamodb/analysis-store.ts';
import { DynamoAuditKey } from '../../adapters/aws/dynamodb/audit-key.ts';
import { DynamoAuditPseudonyms } from '../../adapters/aws/dynamodb/audit-pseudonyms.ts';
import { DynamoAuditStore } from '../../adapters/aws/dynamodb/audit-store.ts';
import { DynamoDataKeys } from '../../adapters/aws/dynamodb/data-keys.ts';
import { DynamoConsentStore } from '../../adapters/aws/dynamodb/consent-store.ts';
import { DynamoTable } from '../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoErasedOwners } from '../../adapters/aws/dynamodb/erased-owners.ts';
import { DynamoFailedJobs } from '../../adapters/aws/dynamodb/failed-jobs.ts';
import { DynamoInsightStore } from '../../adapters/aws/dynamodb/insight-store.ts';
import { DynamoIdempotencyStore } from '../../adapters/aws/dynamodb/idempotency-store.ts';
import { DynamoMetricStore } from '../../adapters/aws/dynamodb/metric-store.ts';
import { DynamoRateCounters } from '../../adapters/aws/dynamodb/rate-counters.ts';
import { DynamoRoomBoard } from '../../adapters/aws/dynamodb/room-board.ts';
import { DynamoOwnerEventLog } from '../../adapters/aws/dynamodb/owner-event-log.ts';
import { DynamoWebhookStore } from '../../adapters/aws/dynamodb/webhook-store.ts';
import { DynamoSampleStore } from '../../adapters/aws/dynamodb/sample-store.ts';
import { DynamoUploadStore } from '../../adapters/aws/dynamodb/upload-store.ts';
import { S3ObjectStore } from '../../adapters/aws/s3/object-store.ts';
import type { AwsResources, AwsSettings } from '../../adapters/aws/settings.ts';
import { SnsEventPublisher } from '../../adapters/aws/sns/event-publisher.ts';
import { SqsJobQueue } from '../../adapters/aws/sqs/job-queue.ts';
import { S3LargeBodies } from '../../adapters/aws/sqs/large-bodies.ts';
import { MemoryEvents } from '../../adapters/memory/events.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { studyKeyOf } from '../../adapters/node/study-key.ts';
import { Ed25519HeadSigner } from '../../adapters/node/ed25519-head-signer.ts';
import type { Storage } from './storage.ts';

/** An idle look into the queue waits so long for a message: long polling, which also asks every server of SQS. */
const QUEUE_WAIT_SECONDS = 2;

/** The stores, the queue and the user pool of an AWS account. Nothing is asked of AWS before it is used. */
export function awsStorage(aws: AwsResources): Storage {
  const { settings, kmsKeyId } = aws;
  const caller = new AwsCaller();
  const table = new DynamoTable(settings, aws.tableName, caller);
  const auditKey = new DynamoAuditKey(table);
  const retention = { ttlDays: aws.ttlDays, clock: systemClock };
  const bucket = { settings, bucket: aws.bucketName, kmsKeyId, caller };
  const objects = new S3ObjectStore({ ...bucket, table });
  const largeBodies = new S3LargeBodies(bucket);
  const queue = new SqsJobQueue({
    settings,
    queueName: aws.queueName,
    deadLetterQueueName: aws.deadLetterQueueName,
    table,
    caller,
    largeBodies,
    waitSeconds: QUEUE_WAIT_SECONDS,
  });
  const topic = aws.topicArn === null ? null : new SnsEventPublisher({ settings, topicArn: aws.topicArn, caller });
  const people = { settings: poolSettings(aws), userPoolId: aws.userPoolId, clientId: aws.clientId };
  const provider = new CognitoIdentityProvider({ ...people, caller });
  return {
    samples: new DynamoSampleStore(table, retention),
    metrics: new DynamoMetricStore(table, retention, nodeDigest),
    uploads: new DynamoUploadStore(table, retention),
    objects,
    directUploads: objects,
    queue,
    backlog: null,
    failedJobs: new DynamoFailedJobs(table),
    analyses: new DynamoAnalysisStore(table),
    insights: new DynamoInsightStore(table),
    erasedOwners: new DynamoErasedOwners(table),
    dataKeys: new DynamoDataKeys(table),
    masterKey: null,
    events: topic ?? new MemoryEvents(),
    ownerEvents: new DynamoOwnerEventLog(table, retention),
    webhooks: new DynamoWebhookStore(table),
    consents: new DynamoConsentStore(table),
    studyKey: studyKeyOf(null),
    idempotency: new DynamoIdempotencyStore(table),
    rooms: new DynamoRoomBoard(table),
    auditStore: new DynamoAuditStore(table),
    auditPseudonyms: new DynamoAuditPseudonyms(table),
    headSigner: new Ed25519HeadSigner((create) => auditKey.loadOrCreate(create)),
    rateCounters: new DynamoRateCounters(table),
    people: { kind: 'cognito', provider, tokens: new CognitoTokenVerifier(people) },
    close: () => {
      for (const client of [table, objects, queue, largeBodies, topic, provider]) client?.close();
      return Promise.resolve();
    },
  };
}

/** The pool may be in a region of its own. */
const poolSettings = ({ settings, cognitoRegion }: AwsResources): AwsSettings =>
  cognitoRegion === null ? settings : { ...settings, region: cognitoRegion };
