import type * as t from 'io-ts';
import { shapeOf } from './codec.ts';
import { PROBLEM_TYPE_BASE, type Problem } from './problems.ts';
import type { RouteDefinition } from './route.ts';
import { ROUTES, type Routes } from './routes.ts';

/** Where the service is and how it is reached. */
export interface ClientOptions {
  /** Such as `https://clarity.example`, without a trailing slash. */
  readonly baseUrl: string;
  /** The access token for operations that need one; asked before each call, so that it can be renewed. */
  readonly token?: () => string | null | Promise<string | null>;
  /** The platform's unless another is given. */
  readonly fetch?: typeof fetch;
}

/** What a file operation sends: bytes as they are, or a form with the field `file`. */
export type ClientFile =
  | { readonly mediaType: string; readonly content: Uint8Array | ReadableStream<Uint8Array> | Blob }
  | FormData;

type WireOf<C> = C extends t.Mixed ? t.OutputOf<C> : never;
/** Query parameters may be given as numbers; they are written as text. */
type QueryInput<Q> = { readonly [K in keyof Q]: Q[K] | number };

type ParamsInput<R> = R extends { params: infer C } ? { readonly params: WireOf<C> } : { readonly params?: undefined };
type QueryPart<R> = R extends { query: infer C }
  ? Record<never, never> extends WireOf<C>
    ? { readonly query?: QueryInput<WireOf<C>> }
    : { readonly query: QueryInput<WireOf<C>> }
  : { readonly query?: undefined };
type BodyInput<R> = R extends { body: { kind: 'json'; codec: infer C; optional: true } }
  ? { readonly body?: WireOf<C> }
  : R extends { body: { kind: 'json'; codec: infer C } }
    ? { readonly body: WireOf<C> }
    : R extends { body: { kind: 'file' } }
      ? { readonly file: ClientFile }
      : { readonly body?: undefined };

/** What a call of an operation is given. */
export type CallInput<R extends RouteDefinition> = ParamsInput<R> &
  QueryPart<R> &
  BodyInput<R> & {
    /** On operations that create: makes a call that is sent twice one call. */
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
  };

type BodyOfReply<D> = D extends { kind: 'json'; codec: infer C }
  ? WireOf<C>
  : D extends { kind: 'text' }
    ? string
    : D extends { kind: 'stream' } | { kind: 'events' }
      ? ReadableStream<Uint8Array>
      : null;

type Success<R extends RouteDefinition> = {
  [S in keyof R['responses']]: {
    readonly ok: true;
    readonly status: S;
    readonly body: BodyOfReply<R['responses'][S]>;
    readonly headers: Headers;
  };
}[keyof R['responses']];

/** A refusal: a problem of the closed list, with the status it came with. */
export interface Refusal {
  readonly ok: false;
  readonly status: number;
  readonly problem: Problem;
  readonly headers: Headers;
}

/** A list or report that has not changed since the ETag that was sent. */
interface Unchanged {
  readonly ok: true;
  readonly status: 304;
  readonly body: null;
  readonly headers: Headers;
}

/** What a call comes to. A network failure rejects, as fetch does. */
export type CallResult<R extends RouteDefinition> =
  | Success<R>
  | Refusal
  | (R extends { conditional: 'etag' } ? Unchanged : never);

type Call<R extends RouteDefinition> =
  Record<never, never> extends CallInput<R>
    ? (input?: CallInput<R>) => Promise<CallResult<R>>
    : (input: CallInput<R>) => Promise<CallResult<R>>;

/** One function an operation, named by its id in the contract. */
export type Client = { readonly [Id in keyof Routes]: Call<Routes[Id]> };

interface AnyInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  readonly body?: unknown;
  readonly file?: ClientFile;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes the client of a service from the route table, and from nothing else. */
export function createClient(options: ClientOptions): Client {
  const calls = Object.entries(ROUTES as Readonly<Record<string, RouteDefinition>>).map(
    ([id, route]) => [id, (input: AnyInput = {}) => callRoute(options, route, input)] as const,
  );
  return Object.fromEntries(calls) as unknown as Client;
}

async function callRoute(options: ClientOptions, route: RouteDefinition, input: AnyInput): Promise<unknown> {
  const send = options.fetch ?? fetch;
  const headers = new Headers(input.headers);
  const token = route.auth !== 'none' ? await options.token?.() : null;
  if (token != null) headers.set('authorization', `Bearer ${token}`);
  if (input.idempotencyKey !== undefined) headers.set('idempotency-key', input.idempotencyKey);
  const response = await send(`${options.baseUrl}${pathOf(route, input)}`, {
    method: route.method,
    headers,
    ...bodyOf(input, headers),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
  const { status } = response;
  const definition = route.responses[status];
  if (status === 304) return { ok: true, status, body: null, headers: response.headers };
  if (isProblem(response) || definition === undefined) {
    return { ok: false, status, problem: await problemOf(response), headers: response.headers };
  }
  return { ok: true, status, body: await contentOf(response, definition.kind), headers: response.headers };
}

function pathOf(route: RouteDefinition, { params = {}, query = {} }: AnyInput): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const shape = route.query === undefined ? undefined : shapeOf(route.query);
  const search = new URLSearchParams();
  for (const name of Object.keys({ ...shape?.required, ...shape?.optional })) {
    const value = query[name];
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** The body of the request; the media type goes into the headers, but for a form, whose boundary fetch knows. */
function bodyOf({ body, file }: AnyInput, headers: Headers): RequestInit {
  if (file instanceof FormData) return { body: file };
  if (file !== undefined) {
    headers.set('content-type', file.mediaType);
    // A stream is sent while it is read, which fetch asks to be told.
    return { body: file.content, duplex: 'half' };
  }
  if (body === undefined) return {};
  headers.set('content-type', 'application/json');
  return { body: JSON.stringify(body) };
}

const isProblem = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('application/problem+json') === true;

/** The problem document; where something between here and the service answered, one that says so. */
async function problemOf(response: Response): Promise<Problem> {
  if (isProblem(response)) return (await response.json()) as Problem;
  await response.body?.cancel();
  return {
    type: `${PROBLEM_TYPE_BASE}service-unavailable`,
    title: 'The answer is not one of the contract',
    status: response.status,
    detail: `HTTP status ${String(response.status)} without a problem document: something in front of the service may have answered.`,
    instance: new URL(response.url === '' ? 'http://host.invalid/' : response.url).pathname,
    code: 'service-unavailable',
    request_id: response.headers.get('x-request-id') ?? '',
  };
}

function contentOf(response: Response, kind: 'json' | 'text' | 'stream' | 'events' | 'empty'): unknown {
  switch (kind) {
    case 'json':
      return response.json();
    case 'text':
      return response.text();
    case 'stream':
    case 'events':
      return response.body;
    case 'empty':
      return null;
  }
}
