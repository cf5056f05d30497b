import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { EVENT_TOKENS } from '../../hosts/wiring/events-module.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { valueOf } from '../unit/result-values.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';

/** A stream as a client of any language reads it. */
async function connect(
  url: string,
  token: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly query?: string } = {},
) {
  const response = await fetch(`${url}/api/v1/events${options.query ?? ''}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...options.headers },
  });
  const arrived: EventSourceMessage[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: (event) => arrived.push(event),
    onRetry: (ms) => retries.push(ms),
    onError: (error) => {
      throw error;
    },
  });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  const more = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    if (value !== undefined) parser.feed(decoder.decode(value, { stream: true }));
    return !done;
  };
  return {
    response,
    retries,
    /** The next so many events. */
    take: async (count: number): Promise<readonly EventSourceMessage[]> => {
      while (arrived.length < count && (await more()));
      return arrived.splice(0, count);
    },
    /** What still comes until the service ends the stream. */
    toTheEnd: async (): Promise<readonly EventSourceMessage[]> => {
      while (await more());
      return arrived.splice(0);
    },
    leave: () => reader.cancel(),
  };
}

const told = async ({ get }: InProcessService, owner: string, subject: string, type = 'processing.updated' as const) =>
  valueOf(
    await get(EVENT_TOKENS.tell)(userId(owner), {
      type,
      atMs: Date.UTC(2025, 2, 3, 12),
      upload: processingId(subject),
      subject,
      data: { status: 'processing', progress: 0.5, message: 'Two\nlines.' },
    }),
  );

const withService = (work: (service: InProcessService) => Promise<void>) => async (): Promise<void> => {
  const service = await startInProcess();
  try {
    await work(service);
  } finally {
    await service.close();
  }
};

test(
  'a stream tells at once what happens, and a client that comes back gets each event exactly once',
  withService(async (service) => {
    const ada = await service.person('ada@example.org');
    const first = await connect(service.url, ada.token);
    assert.is(first.response.status, 200);
    assert.match(first.response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const [ready] = await first.take(1);
    assert.equal([ready?.event, ready?.id], ['ready', '0000000000000000']);
    assert.equal(first.retries, [3000]);
    await told(service, ada.id, 'one');
    const [one] = await first.take(1);
    assert.equal([one?.event, one?.id], ['processing.updated', '0000000000000001']);
    assert.equal(JSON.parse(one!.data), {
      type: 'processing.updated',
      timestamp: '2025-03-03T12:00:00.000Z',
      data: { processing_id: 'one', status: 'processing', progress: 0.5, message: 'Two\nlines.' },
    });
    await first.leave();

    const seen: string[] = [];
    let last = one!.id!;
    for (const round of [0, 1, 2]) {
      for (const i of [0, 1, 2]) await told(service, ada.id, `${String(round)}.${String(i)}`);
      const headers: Record<string, string> = round === 1 ? {} : { 'last-event-id': last };
      const again = await connect(service.url, ada.token, {
        headers,
        query: round === 1 ? `?last_event_id=${last}` : '',
      });
      const [, ...missed] = await again.take(4);
      await told(service, ada.id, `${String(round)}.live`);
      const [live] = await again.take(1);
      for (const event of [...missed, live!]) seen.push(JSON.parse(event.data).data.processing_id as string);
      last = live!.id!;
      await again.leave();
    }
    assert.equal(
      seen,
      [0, 1, 2].flatMap((round) => ['0', '1', '2', 'live'].map((part) => `${String(round)}.${part}`)),
    );
  }),
);

test(
  'uploads tell of themselves, and nobody hears of those of others',
  withService(async (service) => {
    const ada = await service.person('ada@example.org');
    const bob = await service.person('bob@example.org');
    const [streamOfAda, streamOfBob] = await Promise.all([
      connect(service.url, ada.token),
      connect(service.url, bob.token, { query: '?types=processing.completed,analysis.completed' }),
    ]);
    for (const stream of [streamOfAda, streamOfBob]) await stream.take(1);
    const runner = service.get(TOKENS.jobRunner);
    runner.start();
    const upload = async ({ token, id }: typeof ada): Promise<string> => {
      const metric = {
        metric_type: 'heart_rate',
        biometric_data: { heart_rate: 61 },
        created_at: '2025-03-03T12:00:00Z',
      };
      const { json } = await service.call('POST', '/api/v1/health-data', {
        token,
        json: { user_id: id, metrics: [metric], upload_source: 'test', client_timestamp: '2025-03-03T12:00:00Z' },
      });
      return String(json.processing_id);
    };
    const [uploadOfAda, uploadOfBob] = [await upload(ada), await upload(bob)];
    const types: (string | undefined)[] = [];
    for (;;) {
      const [event] = await streamOfAda.take(1);
      types.push(event?.event);
      assert.is(JSON.parse(event!.data).data.processing_id, uploadOfAda);
      if (event?.event === 'analysis.completed' || event?.event === 'processing.completed') break;
    }
    assert.is(types[0], 'processing.updated');
    const [done] = await streamOfBob.take(1);
    assert.equal([done?.event, JSON.parse(done!.data).data.processing_id], ['processing.completed', uploadOfBob]);
    await runner.stop(10_000);
    await Promise.all([streamOfAda.leave(), streamOfBob.leave()]);
  }),
);

test(
  'a stream ends when the service begins to stop, having told all that came before',
  withService(async (service) => {
    const ada = await service.person('ada@example.org');
    const stream = await connect(service.url, ada.token);
    await stream.take(1);
    await told(service, ada.id, 'the last');
    await stream.take(1);
    service.beginStopping();
    assert.equal(await stream.toTheEnd(), []);
  }),
);

test(
  'who is nobody, asks for what is not, or has too many streams is refused',
  withService(async (service) => {
    const ada = await service.person('ada@example.org');
    const ask = (query: string, token: string | undefined = ada.token) =>
      service.call('GET', `/api/v1/events${query}`, token === undefined ? {} : { token });
    assert.is((await ask('', 'not a token')).status, 401);
    const wrong = await ask('?last_event_id=42');
    assert.equal([wrong.status, wrong.json.errors[0].pointer], [422, '/query/last_event_id']);
    const types = await ask('?types=processing.completed,what.else');
    assert.equal([types.status, types.json.errors[0].pointer], [422, '/query/types']);
    const header = await fetch(`${service.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${ada.token}`, 'last-event-id': 'x' },
    });
    assert.is(header.status, 422);
    assert.is(((await header.json()) as { errors: { pointer: string }[] }).errors[0]?.pointer, '/header/Last-Event-ID');
    const head = await fetch(`${service.url}/api/v1/events`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${ada.token}` },
    });
    assert.is(head.status, 200);
    const streams = await Promise.all(Array.from({ length: 5 }, () => connect(service.url, ada.token)));
    for (const stream of streams) await stream.take(1);
    const sixth = await ask('');
    assert.equal([sixth.status, sixth.json.code, sixth.headers.get('retry-after')], [429, 'rate-limit-exceeded', '15']);
    for (const stream of streams) await stream.leave();
  }),
);

test.run();
