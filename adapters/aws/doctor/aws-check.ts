import type { Finding } from '../../../core/diagnosis/finding.ts';
import type { AwsSettings } from '../settings.ts';

/** The resources that are looked at; the names are the service's own settings. */
export interface AwsResources {
  readonly settings: AwsSettings;
  readonly tableName: string;
  readonly bucketName: string;
  /** Null for S3's own keys. */
  readonly kmsKeyId: string | null;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  /** Null: no topic is used. */
  readonly topicArn: string | null;
  readonly userPoolId: string;
  readonly clientId: string;
  /** Null for the settings' region. */
  readonly cognitoRegion: string | null;
  /** Null: items are kept. */
  readonly ttlDays: number | null;
}

/** One resource to look at, by calls that change nothing that was there before. */
export interface AwsCheck {
  readonly subject: string;
  /** Never rejects for what AWS answers; rejects when the signal ends the wait. */
  readonly run: (abortSignal: AbortSignal) => Promise<readonly Finding[]>;
}
