import { once } from 'node:events';
import { get } from 'node:http';
import { mock } from 'node:test';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as t from 'io-ts';
import type { RouteDefinition, ServerSentEvent } from '../../../contracts/route.ts';
import { withKernel, type KernelOperation } from './kernel-app.ts';

const streams = suite('answers that take their time');

const COMMON = { method: 'GET', auth: 'none', audit: 'none', tag: 'Test', summary: 'A test', problems: [] } as const;

const streaming = (content: (cancelled: AbortSignal) => AsyncIterable<Uint8Array>): KernelOperation => ({
  route: {
    ...COMMON,
    path: '/stream',
    duration: 'long',
    responses: { 200: { kind: 'stream', mediaType: 'application/zip', description: 'Bytes.' } },
  },
  endpoint: ({ cancelled }) => okAsync({ status: 200, stream: content(cancelled) } as never),
});

const telling = (content: (cancelled: AbortSignal) => AsyncIterable<ServerSentEvent>): KernelOperation => ({
  route: { ...COMMON, path: '/events', duration: 'long', responses: { 200: { kind: 'events', description: 'Told.' } } },
  endpoint: ({ cancelled }) => okAsync({ status: 200, events: content(cancelled) } as never),
});

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

streams(
  'a stream is sent as it is made, whole',
  withKernel(
    () => ({
      readStream: streaming(async function* () {
        for (let i = 0; i < 100; i++) yield await Promise.resolve(new Uint8Array(10_000).fill(i));
      }),
    }),
    async ({ send }) => {
      const { status, headers, bytes } = await send('GET', '/stream');
      assert.equal([status, headers['content-type'], bytes.length], [200, 'application/zip', 1_000_000]);
      assert.ok(bytes.subarray(990_000).every((byte) => byte === 99));
      const head = await send('HEAD', '/stream');
      assert.equal([head.status, head.bytes.length], [200, 0]);
    },
  ),
);

streams(
  'a stream that breaks in the middle does not look like a whole one',
  withKernel(
    () => ({
      readStream: streaming(async function* () {
        yield await Promise.resolve(new Uint8Array(10));
        throw new Error('the disk is gone');
      }),
    }),
    async ({ send, logged }) => {
      const outcome = await send('GET', '/stream').then(
        () => 'whole',
        () => 'broken',
      );
      assert.is(outcome, 'broken');
      assert.match(logged.join(''), 'the disk is gone');
    },
  ),
);

streams('work on a stream ends when its client leaves', async () => {
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  await withKernel(
    () => ({
      readStream: streaming(async function* (cancelled) {
        try {
          yield new Uint8Array(10);
          await aborted(cancelled);
          yield new Uint8Array(10);
        } finally {
          ended();
        }
      }),
    }),
    async ({ url }) => {
      const request = get(`${url}/stream`);
      request.on('error', () => undefined);
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
      await once(response, 'data');
      request.destroy();
      await end;
    },
  )();
});

streams(
  'events are written as lines: ids, names, data, comments and how long to wait',
  withKernel(
    () => ({
      readEvents: telling(async function* () {
        yield { id: null, event: null, data: null, comment: 'hello', retryMs: 3000 };
        yield await Promise.resolve({ id: '7', event: 'job', data: { progress: 0.5 } });
      }),
    }),
    async ({ send }) => {
      const { headers, text } = await send('GET', '/events', { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(
        [headers['content-type'], headers['content-encoding']],
        ['text/event-stream; charset=utf-8', undefined],
      );
      assert.is(text, ': hello\nretry: 3000\n\nid: 7\nevent: job\ndata: {"progress":0.5}\n\n');
    },
  ),
);

streams(
  'events end when the process begins to stop',
  withKernel(
    () => ({
      readEvents: telling(async function* (cancelled) {
        yield { id: '1', event: 'job', data: 1 };
        await aborted(cancelled);
      }),
    }),
    async ({ url, stop }) => {
      const [response] = (await once(get(`${url}/events`), 'response')) as [NodeJS.ReadableStream];
      await once(response, 'data');
      stop();
      await once(response, 'end');
    },
  ),
);

const json = (path: string, endpoint: KernelOperation['endpoint'], rest: Partial<RouteDefinition> = {}) => ({
  route: {
    ...COMMON,
    path,
    responses: { 200: { kind: 'json', codec: t.string, description: 'It.' } },
    ...rest,
  } as const,
  endpoint,
});

streams('a call that takes too long is given up, and its work is told to stop', async () => {
  let begun: () => void = () => undefined;
  const began = new Promise<void>((resolve) => (begun = resolve));
  let stopped = false;
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    await withKernel(
      () => ({
        slow: json('/slow', ({ cancelled }) => {
          begun();
          return ResultAsync.fromSafePromise<never>(
            aborted(cancelled).then(() => {
              stopped = true;
              return new Promise<never>(() => undefined);
            }),
          );
        }),
      }),
      async ({ send }) => {
        const answering = send('GET', '/slow');
        await began;
        mock.timers.tick(14_999);
        assert.is(stopped, false);
        mock.timers.tick(1);
        const answer = await answering;
        assert.equal([answer.status, answer.json['code']], [503, 'deadline-exceeded']);
        assert.is(answer.headers['retry-after'], '5');
        assert.is(stopped, true);
      },
    )();
  } finally {
    mock.timers.reset();
  }
});

streams('work is told to stop when its client leaves before the answer', async () => {
  let begun: () => void = () => undefined;
  const began = new Promise<void>((resolve) => (begun = resolve));
  let left: () => void = () => undefined;
  const leaving = new Promise<void>((resolve) => (left = resolve));
  await withKernel(
    () => ({
      slow: json('/slow', ({ cancelled }) => {
        begun();
        return ResultAsync.fromSafePromise(aborted(cancelled)).andThen(() => {
          left();
          return errAsync({ kind: 'client-gone' as const });
        });
      }),
    }),
    async ({ url }) => {
      const request = get(`${url}/slow`);
      request.on('error', () => undefined);
      await began;
      request.destroy();
      await leaving;
    },
  )();
});

streams.run();
