import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as t from 'io-ts';
import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../../contracts/route.ts';
import type { IncomingFile } from '../../../hosts/express/http/endpoint.ts';
import { readFile } from '../../../hosts/express/http/read-file.ts';
import { valueOf } from '../result-values.ts';
import { withKernel, type KernelOperation } from './kernel-app.ts';

const bodies = suite('bodies of requests');

const JSON_TYPE = { 'content-type': 'application/json' };

const taking = (body: RouteDefinition['body'], endpoint: KernelOperation['endpoint']): KernelOperation => ({
  route: {
    method: 'POST',
    path: '/taken',
    auth: 'none',
    audit: 'none',
    tag: 'Test',
    summary: 'A test',
    problems: [],
    ...(body === undefined ? {} : { body }),
    responses: { 200: { kind: 'json', codec: t.string, description: 'It.' } },
  },
  endpoint,
});

const anything = () => ({
  takeAnything: taking({ kind: 'json', codec: t.unknown }, () => okAsync({ status: 200, body: 'it' } as never)),
});

bodies(
  'JSON may be nested twenty deep, and no deeper',
  withKernel(anything, async ({ send }) => {
    const nested = (deep: number): string => '['.repeat(deep) + ']'.repeat(deep);
    assert.is((await send('POST', '/taken', { headers: JSON_TYPE, body: nested(20) })).status, 200);
    for (const body of [nested(21), nested(4000), '{"a":'.repeat(1500)]) {
      const { status, json } = await send('POST', '/taken', { headers: JSON_TYPE, body });
      assert.equal([status, json['code']], [422, 'validation-error']);
      assert.match(JSON.stringify(json['errors']), 'nested more than 20 deep');
    }
  }),
);

bodies(
  'a body that is compressed as a whole is refused, JSON and files, and one that says that it is not is taken',
  withKernel(
    () => ({
      ...anything(),
      takeFile: {
        ...taking({ kind: 'file', mediaTypes: ['application/zip'], description: 'A file' }, () =>
          okAsync({ status: 200, body: 'it' } as never),
        ),
        route: {
          ...taking({ kind: 'file', mediaTypes: ['application/zip'], description: 'A file' }, () =>
            errAsync({ kind: 'bug' }),
          ).route,
          path: '/files',
        },
      },
    }),
    async ({ send }) => {
      const bomb = gzipSync(Buffer.alloc(1_000_000, 0x20));
      for (const [path, type] of [
        ['/taken', 'application/json'],
        ['/files', 'application/zip'],
      ] as const) {
        for (const encoding of ['gzip', 'br', 'deflate, gzip', 'GZIP', '\u0080odd']) {
          const headers = { 'content-type': type, 'content-encoding': encoding };
          const { status, json } = await send('POST', path, { headers, body: bomb });
          assert.equal([status, json['code']], [415, 'unsupported-media-type'], `${path} ${encoding}`);
        }
        const plain = await send('POST', path, {
          headers: { 'content-type': type, 'content-encoding': 'identity' },
          body: '[]',
        });
        assert.is(plain.status, 200, path);
      }
    },
  ),
);

/** What reading a file comes to whose client sends this much and then nothing. */
async function readOfStalled(headers: Readonly<Record<string, string>>, part: string): Promise<string> {
  let read: (outcome: string) => void = () => undefined;
  const outcome = new Promise<string>((resolve) => (read = resolve));
  const taken = async (request: IncomingMessage): Promise<void> => {
    const types = ['application/zip', 'multipart/form-data'];
    const file: IncomingFile = valueOf(await readFile(request, types, 1_000_000, 30));
    let bytes = 0;
    try {
      for await (const chunk of file.content) bytes += chunk.length;
      read(`whole: ${bytes}`);
    } catch (cause) {
      read(`${bytes} bytes, then ${String(cause)}`);
    }
  };
  const server = createServer((request) => {
    taken(request).catch((cause: unknown) => {
      read(`not begun: ${String(cause)}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpRequest({ port: (server.address() as AddressInfo).port, method: 'POST', headers });
  const closed = new Promise((resolve) => client.once('error', resolve));
  client.write(part);
  try {
    const came = await outcome;
    await closed;
    return came;
  } finally {
    client.destroy();
    server.close();
  }
}

const FORM = { 'content-type': 'multipart/form-data; boundary=b' };
const FILE_BEGINS = '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n';

bodies('an upload that stands still ends, with its connection', async () => {
  assert.match(
    await readOfStalled({ 'content-type': 'application/zip' }, 'begun'),
    /^5 bytes, then Error: the client has stopped sending/,
  );
  assert.match(await readOfStalled(FORM, `${FILE_BEGINS}begun`), /bytes, then Error: the client/);
  assert.match(await readOfStalled(FORM, '--b\r\n'), /^not begun/);
});

bodies.run();
