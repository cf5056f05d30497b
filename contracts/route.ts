import type * as t from 'io-ts';
import type { ProblemSlug } from './problems.ts';

/** How a request's body is read. */
export type BodyDefinition<B extends t.Mixed = t.Mixed> =
  | { readonly kind: 'json'; readonly codec: B; readonly optional?: boolean }
  /** Handed to the endpoint as a stream, unread. */
  | { readonly kind: 'file'; readonly mediaTypes: readonly string[]; readonly description: string };

/** What a success looks like. */
export type ResponseDefinition =
  | { readonly kind: 'json'; readonly codec: t.Mixed; readonly description: string }
  | { readonly kind: 'text'; readonly mediaType: string; readonly description: string };

/** One operation of the HTTP contract, as a value. */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** OpenAPI form: `/api/v1/things/{thing_id}`. */
  readonly path: string;
  /** Answers with a trailing slash too. */
  readonly slashTwin?: boolean;
  readonly auth: 'none' | 'user';
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

type Decoded<C> = C extends t.Mixed ? t.TypeOf<C> : Record<never, never>;

export type ParamsOf<R extends RouteDefinition> = R extends { params: infer C } ? Decoded<C> : Record<never, never>;
export type QueryOf<R extends RouteDefinition> = R extends { query: infer C } ? Decoded<C> : Record<never, never>;
export type BodyOf<R extends RouteDefinition> = R extends { body: { kind: 'json'; codec: infer C } }
  ? Decoded<C>
  : undefined;

type JsonReply<Status, D> = D extends { kind: 'json'; codec: infer C extends t.Mixed }
  ? { readonly status: Status; readonly body: t.OutputOf<C> }
  : D extends { kind: 'text' }
    ? { readonly status: Status; readonly text: string }
    : never;

/** Every success reply that the route's definition allows. */
export type ReplyOf<R extends RouteDefinition> = {
  [S in keyof R['responses']]: JsonReply<S, R['responses'][S]>;
}[keyof R['responses']];
