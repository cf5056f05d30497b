const KIB = 1024;
const MIB = 1024 * KIB;

/** How sockets behave. Times are in milliseconds. */
export interface SocketSettings {
  /** How often the server says that it is there and asks whether the client is. */
  readonly heartbeatMs: number;
  /** A client that says nothing for so long is idle. */
  readonly idleMs: number;
  /** Pings without an answer, after which the client has gone. */
  readonly mostMissedPings: number;
  /** How long the client gets to answer a close frame. */
  readonly closeMs: number;
  /** How often a token is looked at again before it expires; it is, besides, before a frame makes anything be written. */
  readonly recheckMs: number;
  /** Of one person, in this process. */
  readonly connectionsAPerson: number;
  /** Of one person, over all connections to this process. */
  readonly messagesAMinute: number;
  readonly mostMessageBytes: number;
  /** A frame with readings may be larger: 10,080 of them find room. */
  readonly mostHealthBytes: number;
  /** Larger frames are not read at all: the connection is closed with 1009. */
  readonly mostFrameBytes: number;
  /** A client with more unread bytes than this is not listened to until it has read half of them. */
  readonly slowBytes: number;
  /** A client with more unread bytes than this is closed. */
  readonly deafBytes: number;
  /** A connection with so many frames in work is not read until one of them is done. */
  readonly mostFramesInWork: number;
  /** How often rooms with members here are looked at for what other processes said. */
  readonly pollMs: number;
  /** How often the other processes are told who is here. */
  readonly presenceMs: number;
}

export const SOCKET_SETTINGS: SocketSettings = {
  heartbeatMs: 30_000,
  idleMs: 300_000,
  mostMissedPings: 2,
  closeMs: 10_000,
  recheckMs: 60_000,
  connectionsAPerson: 3,
  messagesAMinute: 60,
  mostMessageBytes: 64 * KIB,
  mostHealthBytes: MIB,
  mostFrameBytes: 2 * MIB,
  slowBytes: MIB,
  deafBytes: 4 * MIB,
  mostFramesInWork: 8,
  pollMs: 250,
  presenceMs: 30_000,
};

/** Codes and reasons of the close frames that this service begins. */
export const CLOSE = {
  timeout: [1000, 'Connection timeout'],
  heartbeatFailed: [1000, 'Heartbeat failed'],
  shutdown: [1000, 'Server shutdown'],
  binary: [1003, 'Binary frames are not accepted'],
  tooMany: [1008, 'Too many connections'],
  serverError: [1011, 'Server error'],
  tooSlow: [1013, 'Too slow'],
  tokenMissing: [4001, 'Authentication token is required'],
  authenticationFailed: [4003, 'Authentication failed'],
  unauthorized: [4003, 'Unauthorized'],
  featureDisabled: [4004, 'Feature disabled'],
  tokenExpired: [4003, 'Token expired'],
} as const;

/** One of them. */
export type CloseWords = (typeof CLOSE)[keyof typeof CLOSE];
