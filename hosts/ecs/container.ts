import { Duration, type Stack } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { flagsParameterOf, type DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';

export const SERVICE_PORT = 8000;
export const METRICS_PORT = 9464;
/** In the image; what the service writes outside of AWS goes there. */
const DATA_DIR = '/data';
/** Longer than the service takes to let requests and the job in hand finish. */
const STOP_TIMEOUT = Duration.seconds(30);

/** The same image serves and works on jobs. */
export type Work = 'web' | 'worker';

const COMMANDS: Readonly<Record<Work, string>> = {
  web: 'dist/hosts/express/main.js',
  worker: 'dist/hosts/worker/main.js',
};

/** The variables of a task. Names and meanings are those of `hosts/wiring/config.ts`, which a test has read them. */
export function environmentOf(
  work: Work,
  deployment: Deployment,
  data: DataStack,
  region: string,
): Record<string, string> {
  const { domainName, corsOrigins, environment } = deployment;
  return {
    ...environment,
    ENVIRONMENT: 'production',
    STORAGE: 'aws',
    AWS_REGION: region,
    DATA_DIR,
    // The root file system is read-only.
    TMPDIR: DATA_DIR,
    LOG_LEVEL: 'info',
    // Whom a security group lets in may read the metrics: nobody, or what `metricsFrom` names.
    HOST: '0.0.0.0',
    METRICS_PORT: String(METRICS_PORT),
    METRICS_EMF: 'true',
    DYNAMODB_TABLE_NAME: data.table.tableName,
    S3_BUCKET_NAME: data.uploads.bucketName,
    S3_KMS_KEY_ID: data.storageKey.keyArn,
    KMS_KEY_ID: data.dataKeyArn,
    CLARITY_HEALTH_DATA_QUEUE: data.queue.queueName,
    CLARITY_DEAD_LETTER_QUEUE: data.deadLetters.queueName,
    CLARITY_SNS_TOPIC_ARN: data.topic.topicArn,
    COGNITO_USER_POOL_ID: data.people.poolId,
    COGNITO_CLIENT_ID: data.people.clientId,
    COGNITO_REGION: region,
    PAT_MODEL_BASE_DIR: `s3://${data.models.bucketName}/pat`,
    ...(work === 'worker'
      ? {}
      : {
          PORT: String(SERVICE_PORT),
          PUBLIC_URL: `https://${domainName}`,
          TRUSTED_PROXIES: '1',
          RUN_JOBS: 'false',
          FEATURE_FLAGS_PARAMETER: flagsParameterOf(deployment),
          ...(corsOrigins.length > 0 ? { CORS_ALLOWED_ORIGINS: corsOrigins.join(',') } : {}),
        }),
  };
}

export interface TaskParts {
  readonly work: Work;
  readonly deployment: Deployment;
  readonly data: DataStack;
  readonly repository: IRepository;
  readonly logGroup: LogGroup;
}

/** The task's one container: not root, nothing to write to but the data folder, and healthy when it says so itself. */
export function addContainer(stack: Stack, task: ecs.FargateTaskDefinition, parts: TaskParts): ecs.ContainerDefinition {
  const { work, deployment, data, repository, logGroup } = parts;
  task.addVolume({ name: 'data' });
  // By its address alone: the key's policy belongs to the other stack, and would have to know this one's roles.
  const studyKey = Secret.fromSecretCompleteArn(stack, `StudyKey-${work}`, data.studyKey.secretArn);
  task.addToExecutionRolePolicy(
    new PolicyStatement({ sid: 'StudyKey', actions: ['kms:Decrypt'], resources: [data.storageKey.keyArn] }),
  );
  const container = task.addContainer(work, {
    containerName: work,
    image: ecs.ContainerImage.fromEcrRepository(repository, deployment.imageTag),
    command: ['--enable-source-maps', COMMANDS[work]],
    environment: environmentOf(work, deployment, data, stack.region),
    secrets: { STUDY_KEY: ecs.Secret.fromSecretsManager(studyKey) },
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: 'ecs', mode: ecs.AwsLogDriverMode.NON_BLOCKING }),
    readonlyRootFilesystem: true,
    user: '65532',
    stopTimeout: STOP_TIMEOUT,
    ...(work === 'web'
      ? {
          portMappings: [{ containerPort: SERVICE_PORT }],
          healthCheck: {
            command: ['CMD', '/nodejs/bin/node', '-e', healthProbe(SERVICE_PORT)],
            interval: Duration.seconds(30),
            timeout: Duration.seconds(5),
            retries: 3,
            startPeriod: Duration.seconds(60),
          },
        }
      : {}),
  });
  container.addMountPoints({ sourceVolume: 'data', containerPath: DATA_DIR, readOnly: false });
  return container;
}

const healthProbe = (port: number): string =>
  `fetch('http://127.0.0.1:${String(port)}/health').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))`;
