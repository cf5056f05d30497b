import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import type { FetchedFile, FileNotFetched, FileSource } from '../../../core/pat/ports.ts';
import type { AwsSettings } from '../settings.ts';
import { s3ClientConfig, s3Place } from './s3-client.ts';

/** Objects of S3, named `s3://bucket/key`. Credentials come from the SDK's default chain and from nowhere else. */
export class S3FileSource implements FileSource {
  readonly #settings: AwsSettings;

  constructor(settings: AwsSettings) {
    this.#settings = settings;
  }

  fetch(location: string, limitBytes: number): ResultAsync<FetchedFile, FileNotFetched> {
    const refuse = (reason: string): FileNotFetched => ({ kind: 'file-not-fetched', location, reason });
    const { bucket, rest: key } = s3Place(location) ?? { bucket: '', rest: '' };
    if (key === '') return errAsync(refuse('expected s3://bucket/key'));
    const read = async (): Promise<Result<FetchedFile, FileNotFetched>> => {
      // The SDK takes longer to load than most commands take to run, and most installations never speak to S3.
      const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
      const client = new S3Client({ ...s3ClientConfig(this.#settings), maxAttempts: MOST_TRIES });
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (Body === undefined) return err(refuse('it is empty'));
        if ((ContentLength ?? 0) > limitBytes) {
          return err(refuse(`it has ${String(ContentLength)} bytes; at most ${String(limitBytes)} are read`));
        }
        const bytes = await Body.transformToByteArray();
        if (bytes.length > limitBytes) return err(refuse(`it has more than ${String(limitBytes)} bytes`));
        return ok({ name: key.split('/').at(-1) ?? key, location, bytes });
      } finally {
        client.destroy();
      }
    };
    return ResultAsync.fromPromise(read(), (cause) => refuse(wordsOf(cause))).andThen((result) => result);
  }
}

/** A command may wait; whoever typed it would try again. */
const MOST_TRIES = 3;

const REASONS: Readonly<Record<string, string>> = {
  NoSuchKey: 'there is no such object',
  NoSuchBucket: 'there is no such bucket',
  AccessDenied: 'it may not be read with these credentials',
  CredentialsProviderError: 'there are no AWS credentials (the SDK looks in the environment, profiles and roles)',
};

function wordsOf(cause: unknown): string {
  const { name, message } = cause as Error;
  return REASONS[name] ?? `it cannot be read (${name}: ${message})`;
}
