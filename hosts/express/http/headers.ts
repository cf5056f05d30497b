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

/** Security headers for every answer: nothing may be loaded, framed or kept. Pages set a policy of their own. */
export const securityHeaders = (production: boolean): RequestHandler[] => [
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: production ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  }),
  (_request, response, next) => {
    response.set('Cache-Control', 'no-store, private');
    response.set(
      'Permissions-Policy',
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), magnetometer=(), accelerometer=(), gyroscope=()',
    );
    next();
  },
];

/** The policy of a self-contained page: its own inline styles and nothing else. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox allow-popups";

/** Lets the listed browser origins call the service. */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    response.vary('Origin');
    const origin = request.get('origin');
    if (origin === undefined || !allowed.has(origin)) {
      next();
      return;
    }
    response.set('Access-Control-Allow-Origin', origin);
    response.set('Access-Control-Allow-Credentials', 'true');
    response.set('Access-Control-Expose-Headers', 'X-Request-ID, Retry-After, ETag, Location, Idempotency-Replayed');
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
