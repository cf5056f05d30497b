import * as E from 'fp-ts/lib/Either.js';
import type { Mixed } from 'io-ts';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { issuesOf, shapeOf } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal } from '../../../core/auth/ports.ts';
import { inputRejected, type InputRejected, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { Endpoint, EndpointRequest, Endpoints } from './endpoint.ts';
import type { EndpointError, HttpError } from './problem-of.ts';
import { PAGE_POLICY } from './headers.ts';
import { readFile } from './read-file.ts';
import { readJson } from './read-body.ts';
import { sendProblem } from './send.ts';

export interface RouterSettings {
  readonly jsonLimitBytes: number;
  readonly fileLimitBytes: number;
  /** Where clients reach the service, when it is not what their request says. */
  readonly publicUrl: string | null;
}

export interface RouterDeps {
  readonly endpoints: Endpoints;
  readonly authenticate: (token: string) => ResultAsync<Principal, InvalidToken | PortUnavailable>;
  readonly settings: RouterSettings;
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** Makes the router from the route table, and from nothing else. */
export function contractRouter(deps: RouterDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  const methods = new Map<string, Set<string>>();
  for (const [id, route] of Object.entries(ROUTES) as [keyof Endpoints, RouteDefinition][]) {
    // The table ties id, definition and endpoint together; inside this loop the pairing is known to be right.
    const endpoint = deps.endpoints[id] as unknown as Endpoint<RouteDefinition>;
    const handler = handle(deps, route, endpoint);
    for (const path of route.slashTwin === true ? [route.path, `${route.path}/`] : [route.path]) {
      const at = expressPath(path);
      router[route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'](at, handler);
      methods.set(at, (methods.get(at) ?? new Set()).add(route.method));
    }
  }
  for (const [path, known] of methods) {
    const allowed = [...known].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).sort();
    router.all(path, (request, response) => {
      if (request.method === 'OPTIONS')
        response
          .set('Allow', [...allowed, 'OPTIONS'].join(', '))
          .status(204)
          .end();
      else sendProblem(request, response, { kind: 'method-not-allowed', allowed });
    });
  }
  return router;
}

function handle(deps: RouterDeps, route: RouteDefinition, endpoint: Endpoint<RouteDefinition>): RequestHandler {
  return async (request, response) => {
    response.locals['route'] = route.path;
    const outcome = await principalOf(deps, route, request)
      .andThen((principal) => decoded(deps, route, { request, response }, principal))
      .andThen((input) => endpoint(input));
    outcome.match(
      (reply) => {
        sendReply(response, route, reply);
      },
      (error) => {
        sendProblem(request, response, error);
      },
    );
  };
}

const bearerOf = (request: Request): string | null => {
  const match = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
};

function principalOf(
  deps: RouterDeps,
  route: RouteDefinition,
  request: Request,
): ResultAsync<Principal | null, EndpointError> {
  if (route.auth === 'none') return okAsync(null);
  const token = bearerOf(request);
  return token === null ? errAsync({ kind: 'authentication-required' }) : deps.authenticate(token);
}

function decoded(
  deps: RouterDeps,
  route: RouteDefinition,
  { request, response }: { readonly request: Request; readonly response: Response },
  principal: Principal | null,
): ResultAsync<EndpointRequest<RouteDefinition>, EndpointError> {
  const url = new URL(request.originalUrl, 'http://host.invalid');
  const origin = deps.settings.publicUrl ?? `${request.protocol}://${request.headers.host ?? 'localhost'}`;
  const params = decode(route.params, request.params, 'path');
  const query = decode(route.query, knownQuery(route.query, url), 'query');
  if (E.isLeft(params)) return errAsync(params.left);
  if (E.isLeft(query)) return errAsync(query.left);
  const common = {
    params: params.right,
    query: query.right,
    principal: principal as Principal,
    bearerToken: bearerOf(request),
    origin,
    url,
    clientGone: goneSignal(response),
  };
  const { body } = route;
  if (body === undefined) {
    return okAsync({
      ...common,
      body: undefined,
      rawBody: new Uint8Array(),
      file: null,
    } as unknown as EndpointRequest<RouteDefinition>);
  }
  if (body.kind === 'file') {
    return readFile(request, body.mediaTypes, deps.settings.fileLimitBytes).map(
      (file) =>
        ({
          ...common,
          body: undefined,
          rawBody: new Uint8Array(),
          file,
        }) as unknown as EndpointRequest<RouteDefinition>,
    );
  }
  return readJson(request, deps.settings.jsonLimitBytes).andThen(({ raw, value }) => {
    const given = value === undefined && body.optional === true ? {} : value;
    const result = decode(body.codec, given, 'body');
    return E.isLeft(result)
      ? errAsync<EndpointRequest<RouteDefinition>, HttpError | InputRejected>(result.left)
      : okAsync({
          ...common,
          body: result.right,
          rawBody: raw,
          file: null,
        } as unknown as EndpointRequest<RouteDefinition>);
  });
}

/** Aborted when the connection closes before the answer is written. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Query parameters that the route knows; the first of a repeated one. */
function knownQuery(codec: Mixed | undefined, url: URL): Record<string, string> {
  const shape = codec === undefined ? undefined : shapeOf(codec);
  const known: Record<string, string> = {};
  for (const name of Object.keys({ ...shape?.required, ...shape?.optional })) {
    const value = url.searchParams.get(name);
    if (value !== null) known[name] = value;
  }
  return known;
}

function decode(
  codec: Mixed | undefined,
  value: unknown,
  place: 'path' | 'query' | 'body',
): E.Either<InputRejected, unknown> {
  if (codec === undefined) return E.right({});
  const result = codec.decode(value);
  if (E.isRight(result)) return result;
  const prefix = place === 'body' ? '' : `/${place}`;
  return E.left(
    inputRejected(...issuesOf(result.left).map((issue) => ({ ...issue, pointer: `${prefix}${issue.pointer}` }))),
  );
}

function sendReply(response: Response, route: RouteDefinition, reply: unknown): void {
  const { status, body, text } = reply as { status: number; body?: unknown; text?: string };
  const definition = route.responses[status];
  response.status(status);
  if (definition?.kind === 'text') {
    response.set('Content-Security-Policy', PAGE_POLICY).type(definition.mediaType).send(text);
  } else response.json(body);
}
