import { performance } from 'node:perf_hooks';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { docsRouter } from './docs.ts';
import { cors, requestId, securityHeaders } from './headers.ts';
import type { EndpointError } from './problem-of.ts';
import { contractRouter, type RouterDeps } from './router.ts';
import { sendProblem } from './send.ts';

export interface AppDeps extends RouterDeps {
  readonly logger: Logger;
  readonly version: string;
  readonly production: boolean;
  readonly corsOrigins: readonly string[];
}

/** One line a request: what was asked, what came of it, how long it took. Never a body, a token or a query. */
function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    response.once('close', () => {
      const error = response.locals['error'] as EndpointError | undefined;
      const line = {
        request_id: response.locals['requestId'] as string,
        method: request.method,
        route: (response.locals['route'] as string | undefined) ?? 'none',
        status: response.statusCode,
        duration_ms: Math.round((performance.now() - startedMs) * 10) / 10,
        completed: response.writableFinished,
        ...(error === undefined ? {} : { error: error.kind }),
        ...(error?.kind === 'port-unavailable'
          ? { port: error.port, operation: error.operation, cause: error.cause }
          : {}),
      };
      if (response.statusCode >= 500) logger.error(line, 'request failed');
      else logger.info(line, 'request');
    });
    next();
  };
}

/** The Express application around the route table. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(requestId, requestLog(deps.logger), ...securityHeaders(deps.production), cors(deps.corsOrigins));
  app.use(contractRouter(deps));
  app.use(docsRouter(deps.version));
  app.use((request, response) => {
    sendProblem(request, response, { kind: 'no-route' });
  });
  const onBug: ErrorRequestHandler = (cause, request, response, next) => {
    if (cause instanceof URIError) {
      sendProblem(request, response, { kind: 'no-route' });
      return;
    }
    deps.logger.error(
      { err: cause as unknown, request_id: response.locals['requestId'] as string },
      'unexpected error',
    );
    if (response.headersSent) next(cause);
    else sendProblem(request, response, { kind: 'bug' });
  };
  app.use(onBug);
  return app;
}
