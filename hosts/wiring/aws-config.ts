import type { AwsResources, AwsSettings } from '../../adapters/aws/settings.ts';
import { httpUrl, matching, wholeNumber, type ReadSetting } from './setting-codecs.ts';

const region = matching('a region such as us-east-1', /^[a-z]{2}(-[a-z]+)+-\d$/);
const tableName = matching('the name of a DynamoDB table', /^[A-Za-z0-9_.-]{3,255}$/);
const bucketName = matching('the name of an S3 bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const kmsKey = matching('the id, alias or ARN of a KMS key', /^[A-Za-z0-9:/_-]{1,2048}$/);
const queueName = matching('the name of an SQS queue', /^[A-Za-z0-9_-]{1,80}$/);
const topicArn = matching('the ARN of an SNS topic', /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/);
const userPoolId = matching('the id of a Cognito user pool such as us-east-1_AbCdEfGhI', /^[\w-]+_[0-9A-Za-z]+$/);
const clientId = matching('the id of a Cognito app client', /^[\w+]{1,128}$/);

/** Where AWS is; the region is null where only the SDK's own configuration may know it. */
export function readAwsSettings(read: ReadSetting): AwsSettings {
  const everywhere = read('AWS_ENDPOINT_URL', httpUrl, null);
  const endpoint = (variable: string): string | null => read(variable, httpUrl, everywhere);
  return {
    region: read('AWS_REGION', region, read('AWS_DEFAULT_REGION', region, null)),
    endpointUrls: {
      dynamodb: endpoint('DYNAMODB_ENDPOINT_URL'),
      s3: endpoint('S3_ENDPOINT_URL'),
      sqs: endpoint('SQS_ENDPOINT_URL'),
      sns: endpoint('SNS_ENDPOINT_URL'),
      cognito: endpoint('COGNITO_ENDPOINT_URL'),
      sts: endpoint('STS_ENDPOINT_URL'),
      kms: endpoint('KMS_ENDPOINT_URL'),
      ssm: endpoint('SSM_ENDPOINT_URL'),
    },
  };
}

/** Reads the settings of the profile `aws`; `read` and `need` note what is wrong or missing. */
export function readAwsConfig(settings: AwsSettings, read: ReadSetting, need: ReadSetting): AwsResources {
  const queue = read('CLARITY_HEALTH_DATA_QUEUE', queueName, 'clarity-health-data-processing');
  return {
    settings: { ...settings, region: settings.region ?? 'us-east-1' },
    tableName: read('DYNAMODB_TABLE_NAME', tableName, 'clarity-health-data'),
    bucketName: read('S3_BUCKET_NAME', bucketName, 'clarity-health-uploads'),
    kmsKeyId: read('S3_KMS_KEY_ID', kmsKey, null),
    dataKmsKeyId: read('KMS_KEY_ID', kmsKey, null),
    queueName: queue,
    deadLetterQueueName: read('CLARITY_DEAD_LETTER_QUEUE', queueName, `${queue.slice(0, 76)}-dlq`),
    topicArn: read('CLARITY_SNS_TOPIC_ARN', topicArn, null),
    userPoolId: need('COGNITO_USER_POOL_ID', userPoolId, ''),
    clientId: need('COGNITO_CLIENT_ID', clientId, ''),
    cognitoRegion: read('COGNITO_REGION', region, null),
    ttlDays: read('DYNAMODB_TTL_DAYS', wholeNumber(1, 36_500), null),
  };
}
