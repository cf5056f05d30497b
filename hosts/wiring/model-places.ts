import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { S3ModelRepository } from '../../adapters/aws/s3/model-repository.ts';
import { s3Place } from '../../adapters/aws/s3/s3-client.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';
import { FileModelRepository } from '../../adapters/filesystem/model-repository.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { ModelRepository } from '../../core/pat/ports.ts';
import { readAwsSettings } from './aws-config.ts';
import { settingsReader } from './setting-codecs.ts';

/** A file of weights has tens of megabytes; a slow line takes its time for them. */
const FILE_MS = 60_000;
const ALL_TRIES_MS = 180_000;

/** The models at a place: a folder, or `s3://bucket/prefix`. Nothing is read before it is asked for. */
export function openModelRepository(place: string, settings: AwsSettings, digest: Digest): ModelRepository {
  const inS3 = s3Place(place);
  if (inS3 === null) return new FileModelRepository(place, digest);
  const { bucket, rest: prefix } = inS3;
  const caller = new AwsCaller({ tryMs: FILE_MS, deadlineMs: ALL_TRIES_MS });
  return new S3ModelRepository({ settings, bucket, prefix, caller }, digest);
}

/** Where AWS is, for a command that needs no more of it than models. What cannot be read is left at its default. */
export const awsSettingsOf = (environment: Readonly<Record<string, string | undefined>>): AwsSettings =>
  readAwsSettings(settingsReader(environment).read);
