import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { S3FileSource } from '../../../adapters/aws/s3-file-source.ts';
import { fileSourceContract } from '../../contracts/file-source.contract.ts';
import { errorOf } from '../../unit/result-values.ts';

// The SDK's default chain begins with the environment; these open nothing.
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

/** Speaks as much of S3 as reading an object takes. */
fileSourceContract('S3', async () => {
  const objects = new Map<string, Uint8Array>();
  const server = createServer((request, response) => {
    const content = objects.get((request.url ?? '').split('?')[0]!);
    if (content === undefined) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>No.</Message></Error>');
      return;
    }
    response.writeHead(200, { 'content-length': String(content.length), etag: '"x"' });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    source: new S3FileSource({ region: 'us-east-1', endpointUrl: `http://127.0.0.1:${port}` }),
    put: async (name, content) => {
      objects.set(`/models/pat/${name}`, content);
      return `s3://models/pat/${name}`;
    },
    absent: 's3://models/pat/absent.h5',
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
});

test('what is no location of S3 is refused before anything is asked', async () => {
  const source = new S3FileSource({ region: 'us-east-1', endpointUrl: null });
  for (const location of ['s3://', 's3://bucket', 's3://UPPER/key', 's3:/bucket/key']) {
    assert.match(errorOf(await source.fetch(location, 10)).reason, 's3://bucket/key');
  }
});

test.run();
