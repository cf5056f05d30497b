import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { ServicePrincipal, type ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import { taskPolicy, type TaskArns } from './task-policy.ts';
import { peopleOf, type People } from './user-pool.ts';

/** The index by which an upload is found from its id alone. */
export const UPLOAD_INDEX = 'processing-id-index';
/** More than a job is tried: an early look at a job that is not due counts as a receive too. */
const MOST_RECEIVES = 20;

/** The parameter of the feature flags, by its name: a task is told it, and a text is all that has to be told. */
export const flagsParameterOf = ({ name }: Deployment): string => `/${name}/feature-flags`;

/** What is kept, apart from what serves it: a service can be thrown away and made anew, these cannot. */
export class DataStack extends Stack {
  /** Of the key that wraps each person's data key. Whoever deletes that key has deleted everybody's data. */
  readonly dataKeyArn: string;
  /** Encrypts what lies in AWS's own services. */
  readonly storageKey: Key;
  readonly table: dynamodb.ITable;
  readonly uploads: s3.IBucket;
  readonly models: s3.IBucket;
  readonly accessLogs: s3.Bucket;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly topic: sns.Topic;
  readonly people: People;
  /** The secret behind researchers' pseudonyms. */
  readonly studyKey: ISecret;
  /** Which features are on; changed with `aws ssm put-parameter`, see docs/release.md. */
  readonly flags: StringParameter;
  /** What tasks may do with all of this. */
  readonly taskPolicy: ManagedPolicy;

  constructor(scope: Construct, id: string, deployment: Deployment, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { name, dataKeyArn, formerDataKeyArns } = deployment;
    const kept = { removalPolicy: RemovalPolicy.RETAIN, enableKeyRotation: true };
    const dataKey = new Key(this, 'DataKey', {
      ...kept,
      alias: `${name}/data`,
      description: "Wraps people's data keys",
    });
    // Also where another one is named, and the tasks do not refer to it any more: a stack takes back nothing that one
    // deployed before it still refers to.
    this.exportValue(dataKey.keyArn);
    this.dataKeyArn = dataKeyArn ?? dataKey.keyArn;
    this.storageKey = new Key(this, 'StorageKey', {
      ...kept,
      alias: `${name}/storage`,
      description: 'Storage at rest',
    });
    this.storageKey.grantEncryptDecrypt(new ServicePrincipal(`logs.${this.region}.amazonaws.com`));
    this.storageKey.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
    this.table = tableOf(this, deployment, this.storageKey);
    this.accessLogs = bucket(this, 'AccessLogs', {
      // The load balancer and S3 itself can write to a bucket with S3's own keys only.
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(365) }],
    });
    this.uploads = uploadsOf(this, deployment, this.storageKey, this.accessLogs);
    this.models = modelsOf(this, deployment, this.storageKey, this.accessLogs);
    this.deadLetters = this.#queue('DeadLetters', `${name}-health-data-processing-dlq`, {
      retentionPeriod: Duration.days(14),
    });
    this.queue = this.#queue('Jobs', `${name}-health-data-processing`, {
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.minutes(2),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MOST_RECEIVES },
    });
    this.topic = new sns.Topic(this, 'Events', {
      topicName: `${name}-events`,
      masterKey: this.storageKey,
      enforceSSL: true,
    });
    this.people = peopleOf(this, deployment);
    this.studyKey = new Secret(this, 'StudyKey', {
      secretName: `${name}/study-key`,
      description:
        "The secret behind researchers' pseudonyms: never to be changed, or every participant gets a new one",
      encryptionKey: this.storageKey,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.flags = new StringParameter(this, 'FeatureFlags', {
      parameterName: flagsParameterOf(deployment),
      description: 'Which features are on, and for how many people',
      // Where a release begins anew; the stack does not put it back when operators have changed it.
      stringValue: 'auth:on,data:on,analysis:on,insights:on',
    });
    const inUse: TaskArns = {
      table: [this.table.tableArn],
      'table-index': [`${this.table.tableArn}/index/${UPLOAD_INDEX}`],
      uploads: [this.uploads.bucketArn],
      'upload-objects': [this.uploads.arnForObjects('*')],
      models: [this.models.bucketArn],
      'model-objects': [this.models.arnForObjects('pat/*')],
      queues: [this.queue.queueArn, this.deadLetters.queueArn],
      topic: [this.topic.topicArn],
      'data-key': [this.dataKeyArn],
      pool: [this.people.pool.userPoolArn],
      flags: [this.flags.parameterArn],
      storageKey: this.storageKey.keyArn,
    };
    this.taskPolicy = taskPolicy(this, inUse, formerDataKeyArns);
  }

  #queue(id: string, queueName: string, props: sqs.QueueProps): sqs.Queue {
    return new sqs.Queue(this, id, {
      ...props,
      queueName,
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: this.storageKey,
      enforceSSL: true,
    });
  }
}

function tableOf(scope: Construct, { name, table }: Deployment, key: IKey): dynamodb.ITable {
  if (!('create' in table)) {
    return dynamodb.Table.fromTableAttributes(scope, 'Table', {
      tableName: table.name,
      globalIndexes: [UPLOAD_INDEX],
    });
  }
  const made = new dynamodb.Table(scope, 'Table', {
    tableName: `${name}-health-data`,
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'ttl',
    encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  made.addGlobalSecondaryIndex({
    indexName: UPLOAD_INDEX,
    partitionKey: { name: 'processing_id', type: dynamodb.AttributeType.STRING },
    projectionType: dynamodb.ProjectionType.ALL,
  });
  return made;
}

function uploadsOf(scope: Construct, { uploadsBucket }: Deployment, key: IKey, logs: s3.IBucket): s3.IBucket {
  if (!('create' in uploadsBucket)) return s3.Bucket.fromBucketName(scope, 'Uploads', uploadsBucket.name);
  return bucket(scope, 'Uploads', {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 'uploads/',
    lifecycleRules: [
      { id: 'unfinished', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      // A message outlives the queue's fourteen days by none.
      { id: 'messages', prefix: 'messages/', expiration: Duration.days(15) },
      {
        id: 'raw-files',
        transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }],
      },
    ],
  });
}

function modelsOf(scope: Construct, { modelsBucket }: Deployment, key: IKey, logs: s3.IBucket): s3.IBucket {
  if (!('create' in modelsBucket)) return s3.Bucket.fromBucketName(scope, 'Models', modelsBucket.name);
  return bucket(scope, 'Models', {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    // A model that was replaced can be brought back.
    versioned: true,
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: 'models/',
    lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(365) }],
  });
}

const bucket = (scope: Construct, id: string, props: s3.BucketProps): s3.Bucket =>
  new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN,
    ...props,
  });
