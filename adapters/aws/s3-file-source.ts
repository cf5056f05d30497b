import type * as S3 from '@aws-sdk/client-s3';
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import type { FetchedFile, FileNotFetched, FileSource } from '../../core/pat/ports.ts';

export interface S3Settings {
  /** Null for the SDK's own default. */
  readonly region: string | null;
  /** Null for AWS itself; otherwise a compatible service, addressed by path. */
  readonly endpointUrl: string | null;
}

/** Objects of S3, named `s3://bucket/key`. Credentials come from the SDK's default chain and from nowhere else. */
export class S3FileSource implements FileSource {
  readonly #config: S3.S3ClientConfig;

  constructor({ region, endpointUrl }: S3Settings) {
    this.#config = {
      ...(region === null ? {} : { region }),
      ...(endpointUrl === null ? {} : { endpoint: endpointUrl, forcePathStyle: true }),
    };
  }

  fetch(location: string, limitBytes: number): ResultAsync<FetchedFile, FileNotFetched> {
    const refuse = (reason: string): FileNotFetched => ({ kind: 'file-not-fetched', location, reason });
    const [, bucket, key] = /^s3:\/\/([a-z0-9.-]{3,63})\/(.+)$/.exec(location) ?? [];
    if (bucket === undefined || key === undefined) return errAsync(refuse('expected s3://bucket/key'));
    const read = async (): Promise<Result<FetchedFile, FileNotFetched>> => {
      // The SDK takes longer to load than most commands take to run, and most installations never speak to S3.
      const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
      const client = new S3Client(this.#config);
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) return err(refuse('it is empty'));
      if ((ContentLength ?? 0) > limitBytes) {
        return err(refuse(`it has ${String(ContentLength)} bytes; at most ${String(limitBytes)} are read`));
      }
      const bytes = await Body.transformToByteArray();
      if (bytes.length > limitBytes) return err(refuse(`it has more than ${String(limitBytes)} bytes`));
      return ok({ name: key.split('/').at(-1) ?? key, location, bytes });
    };
    return ResultAsync.fromPromise(read(), (cause) => refuse(wordsOf(cause))).andThen((result) => result);
  }
}

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
