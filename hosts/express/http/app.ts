import { performance } from 'node:perf_hooks';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { docsAssets } from './docs-assets.ts';
import { cors, requestId, securityHeaders } from './headers.ts';
import type { ReportError } from '../../wiring/observe/report-errors.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { WatchRequest } from './watch-request.ts';
import { contractRouter, type RouterDeps } from './router.ts';
import { httpsOnly } from './secure-transport.ts';
import { sendProblem } from './send.ts';

export interface AppDeps extends RouterDeps {
  /** The contract's unless another is given. */
  readonly routes?: Readonly<Record<string, RouteDefinition>>;
  readonly logger: Logger;
  readonly production: boolean;
  /** How many proxies in front of this process are trusted to say who the client is and how it came. */
  readonly trustedProxies: number;
  readonly corsOrigins: readonly string[];
  readonly watchRequest?: WatchRequest | undefined;
  /** Is told of what was thrown while a request was answered. */
  readonly reportError?: ReportError | undefined;
}

/** One line a request: what was asked, what came of it, how long it took. Never a body, a token, a path or a query. */
function requestLog({ logger, watchRequest }: Pick<AppDeps, 'logger' | 'watchRequest'>): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const watched = watchRequest?.({
      requestId: response.locals['requestId'] as string,
      traceparent: request.get('traceparent'),
    });
    response.once('close', () => {
      const error = response.locals['error'] as EndpointError | undefined;
      const elapsedMs = performance.now() - startedMs;
      const route = (response.locals['route'] as string | undefined) ?? 'none';
      watched?.ended({
        method: request.method,
        route,
        status: response.statusCode,
        seconds: elapsedMs / 1000,
        error: error?.kind ?? null,
        limit: response.locals['limit'] as string | undefined,
      });
      const line = {
        request_id: response.locals['requestId'] as string,
        method: request.method,
        route,
        status: response.statusCode,
        duration_ms: Math.round(elapsedMs * 10) / 10,
        completed: response.writableFinished,
        ...(error === undefined ? {} : { error: error.kind }),
        ...(error?.kind === 'port-unavailable'
          ? { port: error.port, operation: error.operation, cause: error.cause }
          : {}),
      };
      const hasFailed = error !== undefined && (response.statusCode >= 500 || error.kind === 'port-unavailable');
      // An answer that broke off for an outage has said 200; one that says 503 without an error is the answer of a probe.
      if (hasFailed) logger.error(line, 'request failed');
      else logger.info(line, 'request');
    });
    if (watched === undefined) next();
    else watched.run(next);
  };
}

/**
 * What is worth compressing. Not events, which would wait in the compressor; and not the answers that carry tokens, whose
 * length could tell of them beside text that a stranger chose (the BREACH attack).
 */
const mayCompress: compression.CompressionFilter = (request, response) =>
  !request.path.startsWith('/api/v1/auth/') &&
  !String(response.getHeader('Content-Type')).startsWith('text/event-stream') &&
  compression.filter(request, response);

/** Compresses for those who can read it; for others there is nothing to prepare. */
function compressed(): RequestHandler {
  const compress = compression({ filter: mayCompress });
  return (request, response, next) => {
    if (request.headers['accept-encoding'] === undefined) next();
    else compress(request, response, next);
  };
}

/** What Express does for handlers without a path, without looking at the path for each. */
function oneAfterTheOther(...handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, done) => {
    const from = (place: number, error?: unknown): void => {
      const handler = handlers[place];
      if (error !== undefined || handler === undefined) {
        done(error);
        return;
      }
      void handler(request, response, (failure?: unknown) => {
        from(place + 1, failure);
      });
    };
    from(0);
  };
}

/** The Express application around the route table. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', deps.trustedProxies);
  app.use(
    oneAfterTheOther(
      requestId,
      requestLog(deps),
      securityHeaders(deps.production),
      ...(deps.production && deps.trustedProxies > 0 ? [httpsOnly(deps.settings.publicUrl)] : []),
      cors(deps.corsOrigins),
      compressed(),
      contractRouter(deps, deps.routes),
    ),
  );
  app.use(docsAssets());
  app.use((request, response) => {
    sendProblem(request, response, { kind: 'no-route' });
  });
  // Express tells an error handler by its four parameters.
  const onBug: ErrorRequestHandler = (cause, request, response, _next) => {
    if (cause instanceof URIError) {
      sendProblem(request, response, { kind: 'no-route' });
      return;
    }
    const requestId = response.locals['requestId'] as string;
    deps.logger.error({ err: cause as unknown, request_id: requestId }, 'unexpected error');
    deps.reportError?.(cause, {
      place: 'request',
      method: request.method,
      route: response.locals['route'] as string | undefined,
      request_id: requestId,
    });
    sendProblem(request, response, { kind: 'bug' });
  };
  app.use(onBug);
  return app;
}
