import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { objectSource } from '../../../adapters/aws/s3/object-stream.ts';
import { s3ClientConfig } from '../../../adapters/aws/s3/s3-client.ts';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { settingsFor, useTestCredentials } from '../../emulators/emulators.ts';

const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251));
const ETAG = '"as it was opened"';

/** An object whose every answer a test writes; `from` is where the answer begins, the rest is up to it. */
interface Answers {
  readonly source: (options?: { readonly sha256?: string; readonly sizeBytes?: number }) => ByteSource;
  /** What was asked for, in order. */
  readonly ranges: readonly string[];
  readonly conditions: readonly (string | undefined)[];
  readonly close: () => Promise<void>;
}

async function answering(write: (response: ServerResponse, from: number, nth: number) => void): Promise<Answers> {
  useTestCredentials();
  const ranges: string[] = [];
  const conditions: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { range = '' } = request.headers;
    ranges.push(range);
    conditions.push(request.headers['if-match']);
    const from = Number(/^bytes=(\d+)-/.exec(range)?.[1]);
    write(response, from, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new S3Client(s3ClientConfig(settingsFor({ s3: `http://127.0.0.1:${String(port)}` })));
  return {
    source: ({ sha256, sizeBytes = CONTENT.length } = {}) =>
      objectSource(
        client,
        { bucket: 'bucket', s3Key: 'key', sizeBytes, etag: ETAG, sha256: sha256 ?? null },
        { caller: new AwsCaller({ wait: async () => undefined }), idleMs: 50 },
      ),
    ranges,
    conditions,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const begin = (response: ServerResponse, from: number): void => {
  response.writeHead(206, { 'content-length': String(CONTENT.length - from), etag: ETAG });
};

async function collect(source: ByteSource, range?: { start: number; end: number }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source.stream(range)) parts.push(part);
  return Buffer.concat(parts);
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (cause: unknown) => String(cause),
  );

const streams = suite('streams of S3 objects');

streams('a connection that is lost is taken up where it broke, of the same object', async () => {
  const under = await answering((response, from, nth) => {
    begin(response, from);
    if (nth === 3) response.end(CONTENT.subarray(from));
    else response.write(CONTENT.subarray(from, from + 30_000), () => response.destroy());
  });
  assert.ok((await collect(under.source())).equals(CONTENT));
  assert.equal(under.ranges, ['bytes=0-99999', 'bytes=30000-99999', 'bytes=60000-99999']);
  assert.equal(new Set(under.conditions), new Set([ETAG]));
  await under.close();
});

streams('a connection that gives nothing more is given up, and taken up again', async () => {
  const under = await answering((response, from, nth) => {
    begin(response, from);
    if (nth === 1) response.write(CONTENT.subarray(0, 10));
    else response.end(CONTENT.subarray(from));
  });
  assert.ok((await collect(under.source())).equals(CONTENT));
  assert.equal(under.ranges, ['bytes=0-99999', 'bytes=10-99999']);
  await under.close();
});

streams('an object that cannot be read to its end is an error in the end', async () => {
  const under = await answering((response, from) => {
    begin(response, from);
    response.write(CONTENT.subarray(from, from + 1), () => response.destroy());
  });
  assert.match(await messageOf(collect(under.source())), 'Error');
  assert.is(under.ranges.length, 6);
  await under.close();
});

streams('an answer that is shorter than the object is not its end', async () => {
  const under = await answering((response, from) => {
    response.writeHead(206, { 'content-length': '5', etag: ETAG });
    response.end(CONTENT.subarray(from, from + 5));
  });
  assert.match(await messageOf(collect(under.source())), 'ended before the object did');
  await under.close();
});

streams('an object that was replaced since it was opened is an error, not a mixture', async () => {
  const under = await answering((response, from, nth) => {
    if (nth > 1) {
      response.writeHead(412, { 'content-type': 'application/xml' });
      response.end('<Error><Code>PreconditionFailed</Code><Message>No.</Message></Error>');
      return;
    }
    begin(response, from);
    response.write(CONTENT.subarray(0, 100), () => response.destroy());
  });
  assert.match(await messageOf(collect(under.source())), 'PreconditionFailed');
  assert.is(under.ranges.length, 2);
  await under.close();
});

streams('a whole read that hashes to something else fails, a part of it cannot tell', async () => {
  const under = await answering((response, from) => {
    begin(response, from);
    response.end(CONTENT.subarray(from));
  });
  const source = under.source({ sha256: 'ab'.repeat(32) });
  assert.match(await messageOf(collect(source)), 'is not what was stored');
  assert.ok((await collect(source, { start: 99_990, end: 100_000 })).equals(CONTENT.subarray(99_990)));
  await under.close();
});

streams('more bytes than were asked for are not handed on', async () => {
  const under = await answering((response, from) => {
    begin(response, from);
    response.end(CONTENT.subarray(from));
  });
  assert.is((await collect(under.source(), { start: 0, end: 10 })).length, 10);
  await under.close();
});

streams('nothing is asked for an empty range', async () => {
  const under = await answering((response) => response.destroy());
  assert.is((await collect(under.source(), { start: 5, end: 5 })).length, 0);
  assert.is((await collect(under.source({ sizeBytes: 0 }))).length, 0);
  assert.equal(under.ranges, []);
  await under.close();
});

streams('a reader who stops early lets go of the connection', async () => {
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const under = await answering((response, from) => {
    response.once('close', closed);
    begin(response, from);
    response.write(CONTENT.subarray(0, 10));
  });
  for await (const part of under.source().stream()) {
    assert.ok(part.length > 0);
    break;
  }
  await isClosed;
  await under.close();
});

streams('an answer without an object is an error', async () => {
  const under = await answering((response) => {
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end('<Error><Code>NoSuchKey</Code><Message>No.</Message></Error>');
  });
  assert.match(await messageOf(collect(under.source())), 'NoSuchKey');
  assert.is(under.ranges.length, 1);
  await under.close();
});

streams.run();
