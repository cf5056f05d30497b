import * as t from 'io-ts';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { object } from '../../../contracts/codec.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { EndpointError } from '../../../hosts/express/http/endpoint-error.ts';
import { withKernel, type KernelApp, type KernelOperation } from './kernel-app.ts';

const keys = suite('idempotency keys over HTTP');

const Made = object('Made', { id: t.string, at: t.number });
const Wish = object('Wish', { name: t.string });

/** An operation that makes a thing, by a plan of errors for its first calls; it counts how often it was called. */
function making(errors: readonly (EndpointError | null)[] = []): {
  readonly operations: () => Readonly<Record<string, KernelOperation>>;
  readonly made: string[];
} {
  const made: string[] = [];
  return {
    made,
    operations: () => ({
      makeThing: {
        route: {
          method: 'POST',
          path: '/things',
          slashTwin: true,
          auth: 'write-own-data',
          idempotency: 'key',
          audit: 'none',
          tag: 'Test',
          summary: 'Make',
          body: { kind: 'json', codec: Wish },
          responses: { 201: { kind: 'json', codec: Made, description: 'Made.' } },
          problems: [],
        },
        endpoint: ({ ids, clock }) => {
          const id = ids.uuid();
          const error = errors[made.length] ?? null;
          made.push(id);
          return error === null
            ? okAsync({ status: 201, body: { id, at: clock.now() }, headers: { Location: `/things/${id}` } } as never)
            : errAsync(error);
        },
      },
    }),
  };
}

const make = ({ send }: KernelApp, key: string, name = 'x', token = 'ada:patient', path = '/things') =>
  send('POST', path, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name }),
  });

keys('the same call again is answered the same, and done once', async () => {
  const { operations, made } = making();
  await withKernel(operations, async (app) => {
    const first = await make(app, 'k');
    const again = await make(app, 'k', 'x', 'ada:patient', '/things/');
    assert.equal([first.status, again.status, again.text], [201, 201, first.text]);
    assert.equal([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']], [undefined, 'true']);
    assert.is(again.headers.location, first.headers.location);
    assert.is(made.length, 1);
  })();
});

keys('another body, another person and another key are other calls', async () => {
  const { operations, made } = making();
  await withKernel(operations, async (app) => {
    await make(app, 'k');
    const reused = await make(app, 'k', 'y');
    assert.equal([reused.status, reused.json['code']], [422, 'idempotency-key-reused']);
    assert.is((await make(app, 'k', 'x', 'bob:patient')).status, 201);
    assert.is((await make(app, 'l')).status, 201);
    assert.is(new Set(made).size, 3);
  })();
});

keys('a refusal that stays one is kept, with the same words', async () => {
  const { operations, made } = making([{ kind: 'not-retryable', status: 'completed' }]);
  await withKernel(operations, async (app) => {
    const first = await make(app, 'k');
    const again = await make(app, 'k');
    assert.equal([first.status, again.status, made.length], [409, 409, 1]);
    assert.is(again.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.is(again.json['detail'], first.json['detail']);
  })();
});

keys('what failed for now may be tried again, with the ids and the instant of the first time', async () => {
  const { operations, made } = making([portUnavailable('UploadStore', 'insert', 'reset')]);
  await withKernel(operations, async (app) => {
    const atMs = app.clock.nowMs;
    assert.is((await make(app, 'k')).status, 503);
    app.clock.nowMs += 120_000;
    const second = await make(app, 'k');
    assert.is(second.status, 201);
    assert.is(made[0], made[1]);
    assert.is(second.json['at'], atMs);
  })();
});

keys('a call that is being worked on is not begun again', async () => {
  let go: () => void = () => undefined;
  const going = new Promise<void>((resolve) => (go = resolve));
  let begun: () => void = () => undefined;
  const began = new Promise<void>((resolve) => (begun = resolve));
  const { operations } = making();
  const slow = (): Readonly<Record<string, KernelOperation>> => {
    const { makeThing } = operations() as { makeThing: KernelOperation };
    return {
      makeThing: {
        ...makeThing,
        endpoint: (call) => {
          begun();
          return ResultAsync.fromSafePromise(going).andThen(() => makeThing.endpoint(call));
        },
      },
    };
  };
  await withKernel(slow, async (app) => {
    const first = make(app, 'k');
    await began;
    const meanwhile = await make(app, 'k');
    assert.equal([meanwhile.status, meanwhile.json['code']], [409, 'call-in-progress']);
    assert.match(String(meanwhile.headers['retry-after']), /^[1-5]$/);
    go();
    assert.is((await first).status, 201);
    assert.is((await make(app, 'k')).headers['idempotency-replayed'], 'true');
  })();
});

keys('of a hundred at once one is done', async () => {
  const { operations, made } = making();
  await withKernel(operations, async (app) => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => make(app, 'k')));
    assert.ok(answers.every(({ status }) => status === 201 || status === 409));
    assert.ok(answers.some(({ status }) => status === 201));
    assert.is(made.length, 1);
  })();
});

keys('a key has 1 to 255 characters, and without one every call is a new one', async () => {
  const { operations, made } = making();
  await withKernel(operations, async (app) => {
    assert.is((await make(app, 'k'.repeat(255))).status, 201);
    const long = await make(app, 'k'.repeat(256));
    assert.equal([long.status, long.json['code']], [422, 'validation-error']);
    const errors = long.json['errors'] as readonly { pointer: string }[];
    assert.is(errors[0]?.pointer, '/header/Idempotency-Key');
    const headers = { authorization: 'Bearer ada:patient', 'content-type': 'application/json' };
    for (let i = 0; i < 2; i++) {
      assert.is((await app.send('POST', '/things', { headers, body: '{"name":"x"}' })).status, 201);
    }
    assert.is(new Set(made).size, 3);
  })();
});

/** Takes a file, and says how long it was. */
const keeping =
  (reads: number[], refuses = false): (() => Readonly<Record<string, KernelOperation>>) =>
  () => ({
    keepFile: {
      route: {
        method: 'POST',
        path: '/files',
        auth: 'write-own-data',
        idempotency: 'key',
        duration: 'long',
        audit: 'none',
        tag: 'Test',
        summary: 'Keep',
        body: { kind: 'file', mediaTypes: ['application/zip', 'multipart/form-data'], description: 'A file.' },
        responses: { 202: { kind: 'json', codec: object('Kept', { bytes: t.number }), description: 'Kept.' } },
        problems: [],
      },
      endpoint: ({ file }) => {
        if (refuses) return errAsync({ kind: 'export-unreadable', code: 'empty-file', message: 'no', place: 'byte 0' });
        const content = (file as unknown as { readonly content: AsyncIterable<Uint8Array> }).content;
        return ResultAsync.fromSafePromise(
          (async () => {
            let bytes = 0;
            for await (const chunk of content) bytes += chunk.length;
            reads.push(bytes);
            return { status: 202, body: { bytes } } as never;
          })(),
        );
      },
    },
  });

const FILE = { authorization: 'Bearer ada:patient', 'content-type': 'application/zip', 'idempotency-key': 'k' };

keys('a file is told from another by its bytes, also within a form', async () => {
  const reads: number[] = [];
  await withKernel(keeping(reads), async ({ send }) => {
    const body = Buffer.alloc(200_000, 7);
    assert.is((await send('POST', '/files', { headers: FILE, body })).status, 202);
    const again = await send('POST', '/files', { headers: FILE, body });
    assert.equal([again.json, again.headers['idempotency-replayed']], [{ bytes: 200_000 }, 'true']);
    const other = await send('POST', '/files', { headers: FILE, body: Buffer.alloc(200_000, 8) });
    assert.is(other.json['code'], 'idempotency-key-reused');
    const form = (boundary: string, zone: string): Parameters<typeof send>[2] => ({
      headers: { ...FILE, 'idempotency-key': 'form', 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: [
        `--${boundary}\r\ncontent-disposition: form-data; name="timezone"\r\n\r\n${zone}\r\n`,
        `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'z'.repeat(1000)}\r\n--${boundary}--\r\n`,
      ].join(''),
    });
    assert.is((await send('POST', '/files', form('one', 'UTC'))).status, 202);
    assert.is((await send('POST', '/files', form('two', 'UTC'))).headers['idempotency-replayed'], 'true');
    assert.is((await send('POST', '/files', form('two', 'Europe/Paris'))).json['code'], 'idempotency-key-reused');
    assert.equal(reads, [200_000, 1000]);
  })();
});

keys('a file that was refused before it was read is kept as refused', async () => {
  await withKernel(keeping([], true), async ({ send }) => {
    const body = Buffer.alloc(1000, 7);
    const first = await send('POST', '/files', { headers: FILE, body });
    const again = await send('POST', '/files', { headers: FILE, body });
    assert.equal([first.status, again.status, again.headers['idempotency-replayed']], [422, 422, 'true']);
  })();
});

keys.run();
