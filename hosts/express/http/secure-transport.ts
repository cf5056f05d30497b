import type { RequestHandler } from 'express';

const HOST = /^[\w.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:]+\](?::\d{1,5})?$/;

/** Whoever checks the health of a process asks it directly, past the proxy that ends TLS. */
const isHealthCheck = (path: string): boolean => path === '/health' || path.startsWith('/api/v1/health');

/**
 * Sends a client that came over plain HTTP to HTTPS. For a process behind a trusted proxy, which says how the client came;
 * `request.secure` is what that proxy says.
 */
export function httpsOnly(publicUrl: string | null): RequestHandler {
  return (request, response, next) => {
    if (request.secure || isHealthCheck(request.path)) {
      next();
      return;
    }
    const host = request.headers.host ?? '';
    const origin = publicUrl?.startsWith('https://') === true ? publicUrl : HOST.test(host) ? `https://${host}` : null;
    if (origin === null) {
      next();
      return;
    }
    // 308 keeps the method and the body.
    response.redirect(308, `${origin}${request.originalUrl}`);
  };
}
