import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryEvents } from '../../../adapters/memory/events.ts';
import { MemoryOwnerEventLog } from '../../../adapters/memory/owner-event-log.ts';
import { MemoryWebhookStore } from '../../../adapters/memory/webhook-store.ts';
import { eventPayload } from '../../../core/events/event-payload.ts';
import { readEventId, type OwnerEventDraft, type OwnerEventType } from '../../../core/events/model.ts';
import { EVENTS_KEPT_MS } from '../../../core/events/ports.ts';
import { tellOwner } from '../../../core/events/tell-owner.ts';
import { TellingPublisher } from '../../../core/events/telling-publisher.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { webhookId, type Webhook } from '../../../core/webhooks/model.ts';
import { ADA, BOB, countingIds, NOW_MS, replacing } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const UPLOAD = processingId('an upload');
const DOWN = portUnavailable('OwnerEventLog', 'append', 'the disk is full');

const draft = (changes: Partial<OwnerEventDraft> = {}): OwnerEventDraft => ({
  type: 'processing.completed',
  atMs: NOW_MS,
  upload: UPLOAD,
  subject: UPLOAD,
  data: { status: 'completed' },
  ...changes,
});

const webhook = (id: string, changes: Partial<Webhook> = {}): Webhook => ({
  owner: ADA,
  webhookId: webhookId(id),
  url: 'https://example.org/',
  eventTypes: null,
  description: null,
  enabled: true,
  secret: 'whsec_c2VjcmV0',
  createdAtMs: NOW_MS,
  ...changes,
});

function telling() {
  const told: UserId[] = [];
  const untold: (readonly [OwnerEventType, PortUnavailable])[] = [];
  const ownerEvents = new MemoryOwnerEventLog();
  const webhooks = new MemoryWebhookStore();
  const ports = {
    ownerEvents,
    webhooks,
    ids: countingIds(),
    observer: {
      told: (owner: UserId) => told.push(owner),
      untold: (event: OwnerEventDraft, error: PortUnavailable) => untold.push([event.type, error]),
    },
  };
  const deliveries = async (id: string) =>
    valueOf(await webhooks.deliveries(ADA, webhookId(id), { after: null, limit: 10 }));
  return { ports, told, untold, ownerEvents, webhooks, deliveries, tell: tellOwner(ports) };
}

test('an event goes into the log and to every webhook that wants its type, and is heard of', async () => {
  const { tell, ownerEvents, webhooks, deliveries, told, untold } = telling();
  valueOf(await webhooks.put(webhook('all')));
  valueOf(await webhooks.put(webhook('this', { eventTypes: ['insight.completed', 'processing.completed'] })));
  valueOf(await webhooks.put(webhook('other', { eventTypes: ['insight.completed'] })));
  valueOf(await webhooks.put(webhook('off', { enabled: false })));
  valueOf(await webhooks.put(webhook('all', { owner: BOB })));
  valueOf(await tell(ADA, draft()));
  const [event] = valueOf(await ownerEvents.after(ADA, null, 10));
  assert.equal({ ...event }, { ...draft(), id: event?.id });
  for (const id of ['all', 'this']) {
    const [delivery, ...more] = await deliveries(id);
    assert.equal(more, []);
    assert.match(delivery!.deliveryId, /^msg_[0-9a-f]{32}$/);
    assert.equal(
      [delivery?.eventId, delivery?.eventType, delivery?.status, delivery?.dueAtMs, delivery?.attemptCount],
      [event?.id, 'processing.completed', 'pending', NOW_MS, 0],
    );
    assert.equal(JSON.parse(delivery!.payload), eventPayload(draft()));
  }
  assert.equal([await deliveries('other'), await deliveries('off')], [[], []]);
  assert.equal(valueOf(await webhooks.deliveries(BOB, webhookId('all'), { after: null, limit: 10 })), []);
  assert.equal(told, [ADA]);
  assert.equal(untold, []);
});

test('ids of deliveries are in the order of their events', async () => {
  const { tell, webhooks, deliveries } = telling();
  valueOf(await webhooks.put(webhook('all')));
  for (const later of [0, 1, 1000, 10_000_000]) valueOf(await tell(ADA, draft({ atMs: NOW_MS + later })));
  assert.equal(
    (await deliveries('all')).map(({ createdAtMs }) => createdAtMs - NOW_MS),
    [10_000_000, 1000, 1, 0],
  );
});

test('telling cannot fail: the observer hears why an event is untold', async () => {
  const { ports, told, untold, ownerEvents } = telling();
  const mute = replacing<MemoryOwnerEventLog>(ownerEvents, { append: () => errAsync(DOWN) });
  valueOf(await tellOwner({ ...ports, ownerEvents: mute })(ADA, draft()));
  const deaf = replacing<MemoryWebhookStore>(ports.webhooks, { list: () => errAsync(DOWN) });
  valueOf(await tellOwner({ ...ports, webhooks: deaf })(ADA, draft({ type: 'data.deleted' })));
  assert.equal(untold, [
    ['processing.completed', DOWN],
    ['data.deleted', DOWN],
  ]);
  assert.equal(told, []);
  assert.is(valueOf(await ownerEvents.after(ADA, null, 10)).length, 1);
});

test('events that are too old are forgotten now and then', async () => {
  const { tell, ownerEvents } = telling();
  for (let i = 0; i < 49; i++) valueOf(await tell(ADA, draft()));
  assert.is(valueOf(await ownerEvents.after(ADA, null, 100)).length, 49);
  valueOf(await tell(ADA, draft({ atMs: NOW_MS + EVENTS_KEPT_MS + 1 })));
  assert.is(valueOf(await ownerEvents.after(ADA, null, 100)).length, 1);
});

test('a payload names its subject by its kind, and the upload', () => {
  const of = (type: OwnerEventType) => eventPayload(draft({ type, subject: 'the subject', data: { n: 1 } }));
  assert.equal(of('analysis.completed'), {
    type: 'analysis.completed',
    timestamp: '2025-03-03T12:00:00.000Z',
    data: { processing_id: UPLOAD, analysis_id: 'the subject', n: 1 },
  });
  assert.equal(of('insight.completed').data, { processing_id: UPLOAD, insight_id: 'the subject', n: 1 });
  assert.equal(of('data.deleted').data, { processing_id: 'the subject', n: 1 });
});

test('what other systems are told of is told to the owner first, whether those hear of it or not', async () => {
  const { tell, ownerEvents } = telling();
  const others = new MemoryEvents();
  const event = { type: 'analysis.completed', owner: ADA, upload: UPLOAD, id: 'an analysis', atMs: NOW_MS } as const;
  valueOf(await new TellingPublisher(others, tell).publish(event));
  assert.equal(others.published, [event]);
  const broken = replacing<MemoryEvents>(others, { publish: () => errAsync(DOWN) as never });
  assert.equal(errorOf(await new TellingPublisher(broken, tell).publish(event)), DOWN);
  assert.equal(
    valueOf(await ownerEvents.after(ADA, null, 10)).map(({ type, upload, subject, data }) => [
      type,
      upload,
      subject,
      data,
    ]),
    Array.from({ length: 2 }, () => ['analysis.completed', UPLOAD, 'an analysis', {}]),
  );
});

test('the id of an event is read as it was written, and nothing else is', () => {
  assert.is(readEventId('0000000000000042'), '0000000000000042');
  for (const text of ['', '42', '00000000000000042', '000000000000004x', '9999999999999999', '-000000000000042']) {
    assert.is(readEventId(text), null, text);
  }
});

test.run();
