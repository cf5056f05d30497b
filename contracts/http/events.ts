import * as t from 'io-ts';

import { object, withSchema } from '../codec.ts';
import { routes } from '../route.ts';
import { oneOf, text } from '../scalars.ts';

/** What people are told of, in streams and by webhooks. */
export const EVENT_TYPES = [
  'processing.updated',
  'processing.completed',
  'processing.failed',
  'analysis.completed',
  'insight.completed',
  'data.deleted',
  /** Somebody has opened my data without being asked; GET /api/v1/consents/emergencies says who and why. */
  'access.emergency',
] as const;

export const eventType = oneOf(...EVENT_TYPES);

type EventTypeName = (typeof EVENT_TYPES)[number];

const isEventType = (name: string): name is EventTypeName => EVENT_TYPES.some((known) => known === name);

const ONE_TYPE = EVENT_TYPES.map((name) => name.replace('.', '\\.')).join('|');

/** Types separated by commas. */
const eventTypeList: t.Type<readonly EventTypeName[], string> = withSchema(
  new t.Type<readonly EventTypeName[], string>(
    `a comma-separated list of ${EVENT_TYPES.join(', ')}`,
    (u): u is readonly EventTypeName[] => Array.isArray(u),
    (u, context) => {
      const names = typeof u === 'string' ? u.split(',').map((name) => name.trim()) : [''];
      return names.every(isEventType) ? t.success(names) : t.failure(u, context);
    },
    (types) => types.join(','),
  ),
  {
    type: 'string',
    pattern: `^(${ONE_TYPE})(,(${ONE_TYPE}))*$`,
    examples: ['processing.completed,analysis.completed'],
  },
);

export const eventRoutes = routes({
  streamEvents: {
    method: 'GET',
    path: '/api/v1/events',
    audit: { action: 'read', dataTypes: ['events'] },
    auth: 'read-own-data',
    duration: 'long',
    tag: 'Events',
    feature: 'data',
    summary:
      'What happens to my data, as it happens (server-sent events); resumes after the event named in the header Last-Event-ID ' +
      'or in last_event_id, and begins with the next one without it. Ends with the access token: connect again with a new one',
    query: object('EventStreamQuery', {}, { last_event_id: text(1, 64), types: eventTypeList }),
    responses: {
      200: {
        kind: 'events',
        description:
          'First `ready`, then one event a happening: its `id` is its place, its `event` the type, its data a JSON object ' +
          '`{type, timestamp, data}`. A comment every 15 seconds keeps the line open.',
      },
    },
    problems: ['rate-limit-exceeded', 'validation-error'],
  },
});
