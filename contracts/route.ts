import type * as t from 'io-ts';
import type { AuditDefinition } from './audit.ts';
import type { FeatureName } from './features.ts';
import type { PermissionName } from './permissions.ts';
import type { ProblemSlug } from './problems.ts';

/** How a request's body is read. */
export type BodyDefinition<B extends t.Mixed = t.Mixed> =
  | { readonly kind: 'json'; readonly codec: B; readonly optional?: boolean; readonly example?: unknown }
  /** Handed to the endpoint as a stream, unread. */
  | { readonly kind: 'file'; readonly mediaTypes: readonly string[]; readonly description: string };

/** What a success looks like. */
export type ResponseDefinition =
  | { readonly kind: 'json'; readonly codec: t.Mixed; readonly description: string; readonly example?: unknown }
  | { readonly kind: 'text'; readonly mediaType: string; readonly description: string }
  /** Bytes that are sent while they are made. */
  | { readonly kind: 'stream'; readonly mediaType: string; readonly description: string }
  /** Server-sent events, until the client leaves. */
  | { readonly kind: 'events'; readonly description: string }
  /** A status and headers only. */
  | { readonly kind: 'empty'; readonly description: string };

/** What a call counts against when calls are limited. */
export const RATE_LIMIT_CLASSES = [
  'none',
  'register',
  'login',
  'recovery',
  'upload',
  'step-analysis',
  'analysis',
  'default',
] as const;
export type RateLimitClass = (typeof RATE_LIMIT_CLASSES)[number];

/** One operation of the HTTP contract, as a value. */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** OpenAPI form: `/api/v1/things/{thing_id}`. */
  readonly path: string;
  /** Answers with a trailing slash too; other paths send the slash form on to the one that is served. */
  readonly slashTwin?: boolean;
  /** What a caller must be allowed to do, shown by their token; `none` where nobody has to say who they are. */
  readonly auth: 'none' | PermissionName;
  /** How calls are written down in the audit log; `none` for what touches nobody's data. A table without it does not compile. */
  readonly audit: 'none' | AuditDefinition;
  /** `default` unless it is said. */
  readonly rateLimit?: RateLimitClass;
  /** `key`: an Idempotency-Key makes a call that is sent twice one call. */
  readonly idempotency?: 'key';
  /** `etag`: the answer carries one, and If-None-Match is heard. */
  readonly conditional?: 'etag';
  /** `long`: takes as long as its data do, such as an upload of gigabytes; other calls have a deadline. */
  readonly duration?: 'long';
  /** What has to be turned on for the operation to be there; left out where it always is. */
  readonly feature?: FeatureName;
  readonly deprecated?: boolean;
  readonly tag: string;
  readonly summary: string;
  readonly params?: t.Mixed;
  readonly query?: t.Mixed;
  readonly body?: BodyDefinition;
  readonly responses: Readonly<Record<number, ResponseDefinition>>;
  readonly problems: readonly ProblemSlug[];
}

/** Keeps the literal types of a route table, so that handlers are typed from it. */
export const routes = <const T extends Readonly<Record<string, RouteDefinition>>>(table: T): T => table;

export const rateLimitOf = (route: RouteDefinition): RateLimitClass => route.rateLimit ?? 'default';

type Decoded<C> = C extends t.Mixed ? t.TypeOf<C> : Record<never, never>;

export type ParamsOf<R extends RouteDefinition> = R extends { params: infer C } ? Decoded<C> : Record<never, never>;
export type QueryOf<R extends RouteDefinition> = R extends { query: infer C } ? Decoded<C> : Record<never, never>;
export type BodyOf<R extends RouteDefinition> = R extends { body: { kind: 'json'; codec: infer C } }
  ? Decoded<C>
  : undefined;

/** Headers that go with a reply, such as Location. */
interface WithHeaders {
  readonly headers?: Readonly<Record<string, string>>;
}

/** One block of an event stream: an event, or only a comment that keeps the line open. */
export interface ServerSentEvent {
  readonly id: string | null;
  /** Null where there is only a comment. */
  readonly event: string | null;
  readonly data: unknown;
  readonly comment?: string;
  /** How long a client is to wait before it connects again. */
  readonly retryMs?: number;
}

type OneReply<Status, D> = D extends { kind: 'json'; codec: infer C extends t.Mixed }
  ? { readonly status: Status; readonly body: t.OutputOf<C> } & WithHeaders
  : D extends { kind: 'text' }
    ? { readonly status: Status; readonly text: string } & WithHeaders
    : D extends { kind: 'stream' }
      ? { readonly status: Status; readonly stream: AsyncIterable<Uint8Array> } & WithHeaders
      : D extends { kind: 'events' }
        ? { readonly status: Status; readonly events: AsyncIterable<ServerSentEvent> } & WithHeaders
        : D extends { kind: 'empty' }
          ? { readonly status: Status } & WithHeaders
          : never;

/** Every success reply that the route's definition allows. */
export type ReplyOf<R extends RouteDefinition> = {
  [S in keyof R['responses']]: OneReply<S, R['responses'][S]>;
}[keyof R['responses']];
