/** The services that Clarity uses, each with an address of its own where it is not AWS's. */
export const AWS_SERVICES = ['dynamodb', 's3', 'sqs', 'sns', 'cognito', 'sts', 'kms', 'ssm'] as const;
export type AwsService = (typeof AWS_SERVICES)[number];

/** Where AWS is. Credentials come from the SDK's default chain and from nowhere else. */
export interface AwsSettings {
  /** Null for the SDK's own default. */
  readonly region: string | null;
  /** Null for AWS itself; otherwise a compatible service. */
  readonly endpointUrls: Readonly<Record<AwsService, string | null>>;
}

/** How a client of the SDK is made. */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly maxAttempts: number;
}

/** What every client of the SDK is made with; waiting and trying again is `AwsCaller`'s, so that it is done once. */
export function clientConfig({ region, endpointUrls }: AwsSettings, service: AwsService): ClientConfig {
  const endpoint = endpointUrls[service];
  return {
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts: 1,
  };
}

/** The account, pool, table, bucket and queues of the profile `aws`. They exist; nothing is created here. */
export interface AwsResources {
  readonly settings: AwsSettings;
  readonly tableName: string;
  readonly bucketName: string;
  /** Null for S3's own keys (AES256). */
  readonly kmsKeyId: string | null;
  /** What wraps data keys; null: nothing is encrypted here, only by the services themselves. */
  readonly dataKmsKeyId: string | null;
  readonly queueName: string;
  /** Where jobs and messages that cannot be worked on are kept. */
  readonly deadLetterQueueName: string;
  /** Null: nobody is told of finished analyses. */
  readonly topicArn: string | null;
  readonly userPoolId: string;
  readonly clientId: string;
  /** Null for the region of everything else. */
  readonly cognitoRegion: string | null;
  /** After so many days DynamoDB may remove metrics, samples and uploads; null keeps them. */
  readonly ttlDays: number | null;
}
