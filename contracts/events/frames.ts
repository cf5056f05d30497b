import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { object, withSchema, type JsonSchema } from '../codec.ts';
import { dateTime, finite, jsonObject, list, number, oneOf, text, timeZoneName } from '../scalars.ts';

/** More points than a week of minutes are refused. */
export const MOST_DATA_POINTS = 10_080;
/** The longest narrative in one `message` frame, in UTF-16 units. */
export const MOST_MESSAGE_LENGTH = 2000;
/** The longest narrative in one `health_insight` frame, in UTF-16 units. */
export const MOST_INSIGHT_LENGTH = 5000;

/** What can be wrong with a frame, or with the work on it. */
export const FRAME_ERROR_CODES = [
  'MESSAGE_TOO_LARGE',
  'RATE_LIMIT_EXCEEDED',
  'TOO_MANY_DATA_POINTS',
  'INVALID_HEALTH_INSIGHT_CONTENT',
  'INVALID_HEALTH_INSIGHT_DATA',
  'INVALID_HEALTH_DATA_PAYLOAD',
  'INVALID_HEALTH_DATA',
  'HEALTH_ANALYSIS_ERROR',
  'UNKNOWN_MESSAGE_TYPE',
  'INVALID_JSON',
  'MESSAGE_PARSE_ERROR',
] as const;
export type FrameErrorCode = (typeof FRAME_ERROR_CODES)[number];

/** A text whose length counts without the white space around it, which is taken off. */
export function trimmedText(minLength: number, maxLength: number): t.Type<string, string> {
  const inner = text(minLength, maxLength);
  return withSchema(
    new t.Type<string, string>(
      inner.name,
      inner.is,
      (u, context) => {
        const result = inner.validate(typeof u === 'string' ? u.trim() : u, context);
        return E.isRight(result) ? result : t.failure(u, context);
      },
      t.identity,
    ),
    { type: 'string', minLength, maxLength },
  );
}

/** Anything, with what it is there for. */
const anything = (description: string): t.Type<unknown, unknown> => {
  const codec: t.Type<unknown, unknown> = new t.Type<unknown, unknown>('anything', t.unknown.is, t.success, t.identity);
  const schema: JsonSchema = { description };
  return withSchema(codec, schema);
};

/** Who is who comes from the token. Older clients say it too: what they say is not looked at. */
const ignored = anything('Accepted from older clients and not looked at: identity comes from the token.');

const clientBase = {
  timestamp: trimmedText(1, 64),
  message_id: trimmedText(1, 100),
  user_id: ignored,
  username: ignored,
};

/** As the client wrote it; it comes back in the acknowledgement. */
const ClientTimestamp: t.Type<string | number, string | number> = t.union([trimmedText(1, 64), finite]);

/** Readings to be analysed: activity counts at their times. */
export const HealthPoints = object(
  'HealthPoints',
  {
    data_points: list(object('HealthPoint', { timestamp: dateTime, value: finite }), { min: 1, max: MOST_DATA_POINTS }),
  },
  { timezone: timeZoneName, steps: anything('Kept with the frame; the analysis is of data_points alone.') },
);
export type HealthPoints = t.TypeOf<typeof HealthPoints>;

export const MessageFrame = object(
  'ClientMessage',
  { type: t.literal('message'), content: trimmedText(1, MOST_MESSAGE_LENGTH) },
  { ...clientBase, metadata: jsonObject },
);

export const TypingFrame = object(
  'ClientTyping',
  { type: t.literal('typing'), is_typing: t.boolean },
  { ...clientBase },
);

export const HeartbeatFrame = object(
  'ClientHeartbeat',
  { type: t.literal('heartbeat') },
  { ...clientBase, client_timestamp: ClientTimestamp },
);

/** The answer to the server's own heartbeat; nothing comes back. */
export const HeartbeatAckFrame = object(
  'ClientHeartbeatAck',
  { type: t.literal('heartbeat_ack') },
  { ...clientBase, client_timestamp: ClientTimestamp, server_timestamp: trimmedText(1, 64) },
);

export const HealthInsightRequestFrame = object(
  'ClientHealthInsight',
  { type: t.literal('health_insight'), content: HealthPoints },
  { ...clientBase },
);

export const HealthDataFrame = object(
  'ClientHealthData',
  { type: t.literal('health_data'), data: HealthPoints },
  { ...clientBase },
);

/** What a client may send into a room, by type. */
export const ROOM_CLIENT_FRAMES = {
  message: MessageFrame,
  typing: TypingFrame,
  heartbeat: HeartbeatFrame,
  heartbeat_ack: HeartbeatAckFrame,
  health_insight: HealthInsightRequestFrame,
} as const;

/** What a client may send for analysis, by type. */
export const HEALTH_CLIENT_FRAMES = {
  health_data: HealthDataFrame,
  heartbeat: HeartbeatFrame,
  heartbeat_ack: HeartbeatAckFrame,
} as const;

const base = { type: t.string, timestamp: t.string };
const optionalBase = { message_id: t.string };

const serverFrame = <const N extends string, R extends t.Props, O extends t.Props = Record<never, never>>(
  name: string,
  type: N,
  required: R,
  optional: O = {} as O,
) => object(name, { ...base, type: t.literal(type), ...required }, { ...optionalBase, ...optional });

/** The first frame after the handshake. `heartbeat_interval` is in seconds: say something at least so often. */
export const ConnectionAck = serverFrame('ConnectionAck', 'connection_ack', {
  user_id: t.string,
  session_id: t.string,
  server_info: object('ServerInfo', { server_time: t.string, heartbeat_interval: t.number }),
});

export const SystemFrame = serverFrame('SystemFrame', 'system', {
  content: t.string,
  level: oneOf('info', 'warning', 'error'),
});

/** The answer to a message, and the narrative of an analysis: always from "AI". */
export const ServerMessage = serverFrame(
  'ServerMessage',
  'message',
  { content: text(1, MOST_MESSAGE_LENGTH), user_id: t.literal('AI') },
  { username: t.string, metadata: jsonObject },
);

export const ServerHeartbeat = serverFrame('ServerHeartbeat', 'heartbeat', {}, { client_timestamp: ClientTimestamp });

export const ServerHeartbeatAck = serverFrame(
  'ServerHeartbeatAck',
  'heartbeat_ack',
  { server_timestamp: t.string },
  { client_timestamp: ClientTimestamp },
);

export const ErrorFrame = serverFrame(
  'ErrorFrame',
  'error',
  { error_code: oneOf(...FRAME_ERROR_CODES), message: t.string },
  { details: jsonObject },
);

export const HealthInsightFrame = serverFrame(
  'HealthInsightFrame',
  'health_insight',
  { user_id: t.string, insight: text(1, MOST_INSIGHT_LENGTH), confidence: number(0, 1), category: t.string },
  { source_data: jsonObject, recommendations: list(t.string, { min: 0, max: 100 }) },
);

/** `progress` is in percent. */
export const AnalysisUpdate = serverFrame(
  'AnalysisUpdate',
  'analysis_update',
  {
    user_id: t.string,
    status: oneOf('started', 'processing', 'completed', 'failed'),
    progress: number(0, 100),
  },
  { details: jsonObject },
);

const inRoom = { user_id: t.string, username: t.string };

export const UserJoined = serverFrame('UserJoined', 'user_joined', {
  ...inRoom,
  status: oneOf('online', 'offline', 'away'),
});

export const UserLeft = serverFrame('UserLeft', 'user_left', {
  ...inRoom,
  status: oneOf('online', 'offline', 'away'),
});

export const ServerTyping = serverFrame('ServerTyping', 'typing', { ...inRoom, is_typing: t.boolean });

/** What the server sends into a room, by type. */
export const ROOM_SERVER_FRAMES = {
  connection_ack: ConnectionAck,
  system: SystemFrame,
  message: ServerMessage,
  typing: ServerTyping,
  user_joined: UserJoined,
  user_left: UserLeft,
  analysis_update: AnalysisUpdate,
  heartbeat: ServerHeartbeat,
  heartbeat_ack: ServerHeartbeatAck,
  error: ErrorFrame,
} as const;

/** What the server sends about an analysis, by type. */
export const HEALTH_SERVER_FRAMES = {
  connection_ack: ConnectionAck,
  system: SystemFrame,
  analysis_update: AnalysisUpdate,
  health_insight: HealthInsightFrame,
  message: ServerMessage,
  heartbeat: ServerHeartbeat,
  heartbeat_ack: ServerHeartbeatAck,
  error: ErrorFrame,
} as const;

type Unstamped<F> = F extends { readonly type: string } ? Omit<F, 'timestamp' | 'message_id'> : never;

/** Every frame that the server sends. */
export type ServerFrame =
  | t.TypeOf<(typeof ROOM_SERVER_FRAMES)[keyof typeof ROOM_SERVER_FRAMES]>
  | t.TypeOf<typeof HealthInsightFrame>;

/** A server frame before it has its time and its id. */
export type ServerFrameContent = Unstamped<ServerFrame>;

/** Every frame that a client may send, in a room or for analysis. */
export type ClientFrame =
  | t.TypeOf<(typeof ROOM_CLIENT_FRAMES)[keyof typeof ROOM_CLIENT_FRAMES]>
  | t.TypeOf<typeof HealthDataFrame>;
