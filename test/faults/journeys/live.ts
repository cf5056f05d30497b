import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { PRESENCE_KEPT_MS } from '../../../core/rooms/ports.ts';
import { SOCKET_SETTINGS } from '../../../hosts/express/sockets/settings.ts';
import { SocketClient } from '../../integration/sockets/socket-client.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { prepareLife } from '../life.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

/** An outage ends when so many calls have met it. */
const STRIKES_OF_AN_OUTAGE = 3;

/**
 * Lets an outage end while the client is still there, and calls `after` when the service has met a fault. Answers when the
 * client is done.
 */
async function throughAnOutage<T>(service: ServiceUnderFaults, after: () => void, done: () => Promise<T>): Promise<T> {
  let strikes = 0;
  service.onCall(({ struck }) => {
    if (!struck) return;
    strikes += 1;
    if (strikes === STRIKES_OF_AN_OUTAGE) service.recover();
    setImmediate(after);
  });
  try {
    return await done();
  } finally {
    service.onCall(null);
  }
}

const ALL_EVENTS = '/api/v1/events?last_event_id=0000000000000000';
const LAST_TYPE = 'processing.completed';

async function prepareEvents({ storage, clock }: ServiceUnderFaults, { id }: Person): Promise<void> {
  const upload = processingId('11111111-1111-4111-8111-111111111111');
  for (const type of ['processing.updated', LAST_TYPE] as const) {
    valueOf(await storage.ownerEvents.append(id, { type, atMs: clock.now(), upload, subject: upload, data: {} }));
  }
}

/** Reads all that has happened, and leaves. */
const hearEvents = (service: ServiceUnderFaults, { id, token }: Person): Promise<Answer> =>
  throughAnOutage(
    service,
    // What is told elsewhere wakes the stream for another look.
    () => {
      service.ring(id);
    },
    () =>
      service.call('GET', ALL_EVENTS, {
        token,
        until: (text) => new RegExp(`^event: ${LAST_TYPE}\\ndata: .*\\n\\n`, 'm').test(text),
      }),
  );

const roomOf = ({ id }: Person): string => `room-of-${id}`;

async function prepareRoom({ storage, clock }: ServiceUnderFaults, person: Person): Promise<void> {
  const nowMs = clock.now();
  const presence = {
    room: roomOf(person),
    user: person.id,
    connectionId: 'elsewhere',
    username: 'Ada',
    connectedAtMs: nowMs,
    lastSeenAtMs: nowMs,
  };
  valueOf(await storage.rooms.seen(presence));
}

const NO_PROBLEM: Omit<Answer, 'status' | 'text'> = { headers: {}, bytes: Buffer.alloc(0), json: {}, broken: false };

/** What somebody does in a room: they say something until they are answered, and answer with what they were told. */
interface Talk {
  readonly say: Readonly<Record<string, unknown>>;
  /** The type of the frame that answers. */
  readonly answer: string;
}

/** Comes into a room, talks, stays for a while, and leaves. */
const visitingRoom =
  ({ say, answer }: Talk) =>
  async (service: ServiceUnderFaults, person: Person): Promise<Answer> => {
    const { timers, count } = service.sockets;
    const url = `${service.url.replace('http', 'ws')}/api/v1/ws/${roomOf(person)}`;
    const client = new SocketClient(url, [], { headers: { authorization: `Bearer ${person.token}` } });
    let isTalking = false;
    const sayAgain = (): void => {
      timers.advance(SOCKET_SETTINGS.pollMs);
      if (isTalking) client.send(say);
    };
    return throughAnOutage(service, sayAgain, async () => {
      const isIn = await client.nextOf('connection_ack').then(
        () => true,
        () => false,
      );
      if (!isIn) {
        const { code, reason } = await client.ended;
        return { ...NO_PROBLEM, status: code, text: reason };
      }
      isTalking = true;
      client.send(say);
      const { user_id: text } = await client.nextOf(answer);
      isTalking = false;
      timers.advance(SOCKET_SETTINGS.presenceMs);
      await client.close();
      // The service hears of it in its own time.
      while (count() > 0) await new Promise((resolve) => setImmediate(resolve));
      return { ...NO_PROBLEM, status: 101, text };
    });
  };

/** Whoever could not say that they leave has gone a minute and a half later. */
async function assertLeft(service: ServiceUnderFaults, person: Person): Promise<void> {
  service.clock.nowMs += PRESENCE_KEPT_MS + 1;
  const sinceMs = service.clock.now() - PRESENCE_KEPT_MS;
  assert.equal(valueOf(await service.storage.rooms.present(roomOf(person), sinceMs)), []);
}

/** What is open for longer than a call: streams of events, and rooms. */
export const LIVE_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'hear what happens',
    route: 'streamEvents',
    lasting: true,
    prepare: prepareEvents,
    send: hearEvents,
    verify: (_service, _person, { last }) => {
      const ids = [...last.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      assert.equal(ids, [0, 1, 2], 'every event once and in order, however often the log did not answer');
      return Promise.resolve();
    },
  },
  {
    kind: 'request',
    name: 'count who is in rooms',
    route: 'roomStats',
    prepare: prepareRoom,
    send: getting('/api/v1/ws/chat/stats'),
    verify: (_service, person, { last }) => {
      const rooms = last.json['rooms'] as Readonly<Record<string, number>>;
      assert.is(rooms[roomOf(person)], 1);
      return Promise.resolve();
    },
  },
  reading({
    name: 'see who is in a room',
    route: 'roomUsers',
    prepare: prepareRoom,
    send: getting((person) => `/api/v1/ws/chat/users/${roomOf(person)}`),
  }),
  {
    kind: 'request',
    name: 'visit a room',
    route: 'openRoom',
    service: { sockets: true },
    strikes: 'everything',
    lasting: true,
    send: visitingRoom({ say: { type: 'typing', is_typing: true }, answer: 'typing' }),
    outage: ({ status, text }) => status === 1011 && text === 'Server error',
    verify: async (service, person, { last }) => {
      assert.is(last.text, person.id, 'they hear it under their own name');
      await assertLeft(service, person);
    },
  },
  {
    kind: 'request',
    name: 'ask about my data in a room',
    route: 'openRoom',
    service: { sockets: true },
    strikes: ['UploadStore.list', 'AnalysisStore.getForUpload', 'Narrator.narrate'],
    lasting: true,
    prepare: prepareLife,
    send: visitingRoom({ say: { type: 'message', content: 'How did I sleep?' }, answer: 'message' }),
    verify: async (service, person, { last }) => {
      assert.is(last.text, 'AI');
      await assertLeft(service, person);
    },
  },
];
