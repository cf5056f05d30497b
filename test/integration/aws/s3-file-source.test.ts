import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { S3FileSource } from '../../../adapters/aws/s3/s3-file-source.ts';
import { fileSourceContract } from '../../contracts/file-source.contract.ts';
import { makeBucket } from '../../emulators/buckets.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { errorOf } from '../../unit/result-values.ts';

fileSourceContract('S3', async () => {
  const bucket = await makeBucket();
  return {
    source: new S3FileSource(settingsFor({ s3: bucket.endpointUrl })),
    put: async (name, content) => {
      await bucket.plant(`pat/${name}`, content);
      return `s3://${bucket.name}/pat/${name}`;
    },
    absent: `s3://${bucket.name}/pat/absent.h5`,
    close: () => bucket.close(),
  };
});

test('what is no location of S3 is refused before anything is asked', async () => {
  const source = new S3FileSource(settingsFor({}));
  for (const location of ['s3://', 's3://bucket', 's3://bucket/', 's3://UPPER/key', 's3:/bucket/key']) {
    assert.match(errorOf(await source.fetch(location, 10)).reason, 's3://bucket/key');
  }
});

test('a bucket that is not there is said in words', async () => {
  const bucket = await makeBucket();
  await bucket.close();
  const source = new S3FileSource(settingsFor({ s3: bucket.endpointUrl }));
  assert.match(errorOf(await source.fetch(`s3://${bucket.name}/key`, 10)).reason, 'there is no such bucket');
});

test.run();
