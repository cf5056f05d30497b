import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { err, errAsync, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { isPermitted, rolesWith } from '../../../core/access/permissions.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { FeatureFlags } from '../../../core/flags/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { audited, type CallAuditor, type ConcernedPeople } from './audit-call.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import { callWithKey, type Answer, type KeyedCallDeps } from './call-with-key.ts';
import { cancellationOf, type Cancellation } from './cancellation.ts';
import { checkedReply } from './checked-reply.ts';
import { clientAddressOf } from './client-address.ts';
import { decodeCall, type BodyLimits } from './decode-call.ts';
import type { Endpoint, EndpointRequest, Endpoints } from './endpoint.ts';
import type { EndpointError } from './endpoint-error.ts';
import { limited, type CallLimiter } from './limit-calls.ts';
import { mediaTypeOfResponse, sendWhileMade, sendWhole, wholeReply } from './send-reply.ts';
import { sendProblem } from './send.ts';
import { turnedOff } from './turned-off.ts';

export interface RouterSettings extends BodyLimits {
  /** Where clients reach the service, when it is not what their request says. */
  readonly publicUrl: string | null;
  /** Calls that are no `long` ones are answered within this time. */
  readonly deadlineMs: number;
  /** Whether every reply is held against its codec; one that does not fit is a bug. */
  readonly checkReplies: boolean;
}

export interface RouterDeps extends KeyedCallDeps {
  readonly endpoints: Endpoints;
  readonly authenticate: (
    token: string,
    purpose: 'read' | 'write',
  ) => ResultAsync<Principal, InvalidToken | PortUnavailable>;
  /** Null where the operator has turned limits off. */
  readonly limiter: CallLimiter | null;
  readonly auditor: CallAuditor;
  readonly flags: FeatureFlags;
  readonly settings: RouterSettings;
  /** Aborted when the process begins to stop: streams that would not end by themselves end then. */
  readonly stopping: AbortSignal;
  /** What calls are worked on, for whoever has to wait for them. */
  readonly inHand: CallsInHand;
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** The forms of a route's path that are answered. */
export const servedPaths = ({ path, slashTwin }: RouteDefinition): readonly string[] =>
  slashTwin === true ? [path, `${path}/`] : [path];

/** Makes the router from a route table, and from nothing else; it is the contract's unless another is given. */
export function contractRouter(deps: RouterDeps, table: Readonly<Record<string, RouteDefinition>> = ROUTES): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  /** By method and path, where the path has no parameter: Express would ask route after route whether it is meant. */
  const plain = new Map<string, AsyncHandler>();
  router.use((request, response, next) => {
    const handler = plain.get(`${request.method === 'HEAD' ? 'GET' : request.method} ${request.path}`);
    if (handler === undefined) next();
    else handler(request, response).catch(next);
  });
  const methods = new Map<string, Map<string, RouteDefinition>>();
  for (const [id, route] of Object.entries(table) as [keyof Endpoints, RouteDefinition][]) {
    // The table ties id, definition and endpoint together; inside this loop the pairing is known to be right.
    const endpoint = deps.endpoints[id] as unknown as Endpoint<RouteDefinition>;
    // A table whose types were not checked may lack these: whoever serves it is to find that out before anybody calls.
    if ((route.auth as unknown) === undefined) throw new TypeError(`${id} does not say who may call it`);
    if ((route.audit as unknown) === undefined) throw new TypeError(`${id} does not say how it is audited`);
    const handler = handle(deps, id, route, endpoint);
    for (const path of servedPaths(route)) {
      const at = expressPath(path);
      router[route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'](at, handler);
      if (at === path) plain.set(`${route.method} ${path}`, handler);
      methods.set(at, (methods.get(at) ?? new Map<string, RouteDefinition>()).set(route.method, route));
    }
  }
  for (const [path, known] of methods) router.all(path, otherMethods(deps.flags, known));
  redirectSlashes(router, methods);
  return router;
}

type AsyncHandler = (request: Request, response: Response) => Promise<void>;

/** OPTIONS, and the refusal of methods that a path does not know. Methods of what is turned off are not known either. */
function otherMethods(flags: FeatureFlags, known: ReadonlyMap<string, RouteDefinition>): RequestHandler {
  return (request, response) => {
    const refused = [...known.values()].map((route) => turnedOff(flags, route, null));
    const off = refused.find((refusal) => refusal !== null);
    if (off !== undefined && !refused.includes(null)) {
      sendProblem(request, response, off);
      return;
    }
    const there = [...known.keys()].filter((_method, i) => refused[i] === null);
    const allowed = there.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).sort();
    if (request.method !== 'OPTIONS') {
      sendProblem(request, response, { kind: 'method-not-allowed', allowed });
      return;
    }
    response
      .set('Allow', [...allowed, 'OPTIONS'].join(', '))
      .status(204)
      .end();
  };
}

/** A path that is served in one form only sends the other form on to it, as the service before did. */
function redirectSlashes(router: Router, known: ReadonlyMap<string, unknown>): void {
  for (const path of known.keys()) {
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
    if (path === '/' || known.has(other)) continue;
    router.all(other, (request, response) => {
      const [asked = '', query] = request.originalUrl.split('?');
      const target = asked.endsWith('/') ? asked.slice(0, -1) : `${asked}/`;
      // A browser would read a path that begins with two slashes as another host.
      response.redirect(307, `${target.replace(/^\/+/, '/')}${query === undefined ? '' : `?${query}`}`);
    });
  }
}

function handle(
  deps: RouterDeps,
  id: string,
  route: RouteDefinition,
  endpoint: Endpoint<RouteDefinition>,
): AsyncHandler {
  const offered = mediaTypesOf(route);
  const answer: AsyncHandler = async (request, response) => {
    response.locals['route'] = route.path;
    const off = turnedOff(deps.flags, route, null);
    if (off !== null) {
      // Before it is looked at who calls: whoever has no token learns no more than whoever has one.
      sendProblem(request, response, off);
      return;
    }
    const cancellation = cancellationOf(
      response,
      route.duration === 'long' ? null : deps.settings.deadlineMs,
      offered.includes('text/event-stream') ? [deps.stopping] : [],
    );
    const answering = limited(deps.limiter, route, request, response, callerOf(deps, route, request)).andThen(
      (principal) => {
        const offForCaller = principal === null ? null : turnedOff(deps.flags, route, principal.userId);
        if (offForCaller !== null) return errAsync(offForCaller);
        const requestId = String(response.locals['requestId']);
        let found: ConcernedPeople | null = null;
        const concerns = (subject: UserId, onBehalfOf: UserId | null = null): void => {
          found = { subject, onBehalfOf };
        };
        const audit = { operation: id, route, principal, params: request.params, requestId, found: () => found };
        return audited(deps.auditor, audit, () =>
          permitted(route, principal)
            .andThen(() => acceptable(request, offered))
            .asyncAndThen(() => decodeCall(route, request, deps.settings))
            // Not spread: what costs something to make is made when it is asked for.
            .map((decoded) =>
              Object.assign(callFacts(deps, request, response, cancellation, principal), decoded, { concerns }),
            )
            // The table ties the route, its codecs and its endpoint together.
            .andThen((call) =>
              answerOf(deps, id, route, endpoint, call as unknown as EndpointRequest<RouteDefinition>),
            ),
        );
      },
    );
    const outcome = await Promise.race([deps.inHand.add(answering), cancellation.timeOver]);
    cancellation.settle();
    if (outcome === 'time-over') {
      sendProblem(request, response, { kind: 'deadline-exceeded', seconds: deps.settings.deadlineMs / 1000 });
    } else if (outcome.isErr()) sendProblem(request, response, outcome.error);
    else await sendAnswer(deps, request, response, route, outcome.value);
  };
  return (request, response) => deps.inHand.add(answer(request, response));
}

const urlOf = (request: Request): URL => new URL(request.originalUrl, 'http://host.invalid');

const bearerOf = (request: Request): string | null => {
  const match = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
};

/** Who calls; null where nobody has to say. */
function callerOf(
  deps: RouterDeps,
  route: RouteDefinition,
  request: Request,
): ResultAsync<Principal | null, EndpointError> {
  const { auth } = route;
  if (auth === 'none') return okAsync(null);
  const token = bearerOf(request);
  if (token === null) return errAsync({ kind: 'authentication-required' });
  return deps.authenticate(token, route.method === 'GET' ? 'read' : 'write');
}

/** Asked once it is known who calls and counted that they do: whoever may not is told so, and that they tried is written down. */
function permitted({ auth }: RouteDefinition, principal: Principal | null): Result<void, EndpointError> {
  return auth === 'none' || isPermitted(principal?.roles ?? [], auth)
    ? ok(undefined)
    : err({ kind: 'role-required', roles: rolesWith(auth) });
}

/** Every media type that a success of the route may have. */
const mediaTypesOf = (route: RouteDefinition): readonly string[] => [
  ...new Set(
    Object.values(route.responses)
      .map(mediaTypeOfResponse)
      .filter((mediaType) => mediaType !== null)
      .map((mediaType) => mediaType.split(';')[0] ?? mediaType),
  ),
];

function acceptable(request: Request, offered: readonly string[]): Result<void, EndpointError> {
  return request.headers.accept === undefined || offered.length === 0 || request.accepts([...offered]) !== false
    ? ok(undefined)
    : err({ kind: 'not-acceptable', offered });
}

/** What an endpoint is told of a call beside its decoded parts. */
function callFacts(
  deps: RouterDeps,
  request: Request,
  response: Response,
  cancellation: Cancellation,
  principal: Principal | null,
) {
  return {
    // Only routes that ask for authentication have types that let their endpoints look at it.
    principal: principal as Principal,
    bearerToken: bearerOf(request),
    origin: deps.settings.publicUrl ?? `${request.protocol}://${request.headers.host ?? 'localhost'}`,
    get clientAddress() {
      return clientAddressOf(request);
    },
    get url() {
      return urlOf(request);
    },
    get cancelled() {
      return cancellation.signal;
    },
    ids: deps.ids,
    clock: deps.clock,
    requestId: String(response.locals['requestId']),
    header: (name: string) => request.get(name) ?? null,
  };
}

function answerOf(
  deps: RouterDeps,
  id: string,
  route: RouteDefinition,
  endpoint: Endpoint<RouteDefinition>,
  call: EndpointRequest<RouteDefinition>,
): ResultAsync<Answer, EndpointError> {
  const key = route.idempotency === 'key' ? call.header('idempotency-key') : null;
  return key === null
    ? endpoint(call).map((reply): Answer => ({ kind: 'reply', reply }))
    : callWithKey(deps, { operation: id, key, route, call, endpoint });
}

async function sendAnswer(
  deps: RouterDeps,
  request: Request,
  response: Response,
  route: RouteDefinition,
  answer: Answer,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  if (answer.kind === 'kept') {
    const { status, mediaType, headers, body } = answer.reply;
    response.set(headers).set('Idempotency-Replayed', 'true').status(status).set('Content-Type', mediaType).send(body);
    return;
  }
  if (deps.settings.checkReplies) checkedReply(route, answer.reply);
  const whole = wholeReply(route, answer.reply);
  if (whole === null) await sendWhileMade(request, response, answer.reply, route);
  else sendWhole(request, response, route, whole);
}
