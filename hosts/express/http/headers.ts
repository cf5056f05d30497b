import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

const REQUEST_ID = /^[\w.-]{1,128}$/;

/** The client's X-Request-ID where it is a sensible one, a new one otherwise. */
export const requestIdOf = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();

/** Takes the client's X-Request-ID, or makes one, and sends it back. */
export const requestId: RequestHandler = (request, response, next) => {
  const id = requestIdOf(request.get('x-request-id'));
  response.locals['requestId'] = id;
  response.set('X-Request-ID', id);
  next();
};

/** What helmet sets, which is the same for every answer: asked once instead of walking through its fifteen parts each time. */
function helmetHeaders(production: boolean): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: production ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  })({} as never, response as never, (error?: unknown) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}

/** Security headers for every answer: nothing may be loaded, framed or kept. Pages set a policy of their own. */
export function securityHeadersOf(production: boolean): ReadonlyMap<string, string> {
  return new Map([
    ...helmetHeaders(production),
    ['Cache-Control', 'no-store, private'],
    [
      'Permissions-Policy',
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), magnetometer=(), accelerometer=(), gyroscope=()',
    ],
  ]);
}

/** Sets them on what Express answers. */
export function securityHeaders(production: boolean): RequestHandler {
  const headers = new Map(securityHeadersOf(production));
  return (_request, response, next) => {
    response.setHeaders(headers);
    next();
  };
}

/** The policy of a self-contained page: its own inline styles and nothing else. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox allow-popups";

/** What scripts of the listed origins may read beside what browsers show them anyway. */
const EXPOSED_HEADERS = [
  'X-Request-ID',
  'Retry-After',
  'ETag',
  'Location',
  'Idempotency-Replayed',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'RateLimit-Policy',
].join(', ');

/** Lets the listed browser origins call the service. */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    response.setHeader('Vary', 'Origin, Accept-Encoding');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) {
      next();
      return;
    }
    response.set('Access-Control-Allow-Origin', origin);
    response.set('Access-Control-Allow-Credentials', 'true');
    response.set('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined) {
      next();
      return;
    }
    response.set('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE');
    response.set(
      'Access-Control-Allow-Headers',
      [
        'Authorization',
        'Content-Type',
        'X-Request-ID',
        'Idempotency-Key',
        'If-None-Match',
        'Last-Event-ID',
        'X-Confirm-Delete',
      ].join(', '),
    );
    response.set('Access-Control-Max-Age', '86400');
    response.status(204).end();
  };
}
