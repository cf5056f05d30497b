import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROMETHEUS_TEXT } from '../../../contracts/http/service.ts';
import type { Config } from '../config.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** A server that shows metrics and nothing else. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const PATHS = new Set(['/metrics', '/metrics/']);

/** What every answer of the service has; here in words, since a process without HTTP of its own has nothing that makes them. */
export const METRICS_HEADERS: ReadonlyMap<string, string> = new Map([
  ['Content-Security-Policy', "default-src 'none';frame-ancestors 'none'"],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Origin-Agent-Cluster', '?1'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-DNS-Prefetch-Control', 'off'],
  ['X-Download-Options', 'noopen'],
  ['X-Frame-Options', 'DENY'],
  ['X-Permitted-Cross-Domain-Policies', 'none'],
  ['X-XSS-Protection', '0'],
  ['Cache-Control', 'no-store, private'],
  [
    'Permissions-Policy',
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), magnetometer=(), accelerometer=(), gyroscope=()',
  ],
]);

/**
 * Serves the metrics on a port of their own without asking for a token: who may reach the port is the operator's to
 * decide. Rejects where the port cannot be had.
 */
export async function startMetricsServer(options: {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly text: () => Promise<string>;
}): Promise<MetricsServer> {
  const headers = new Map(METRICS_HEADERS);
  const server = createServer((request, response) => {
    response.setHeaders(headers);
    const [path = ''] = (request.url ?? '').split('?');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!PATHS.has(path)) response.writeHead(404).end();
    else if (!isRead) response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    else {
      void options.text().then((text) => {
        response.writeHead(200, {
          'Content-Type': PROMETHEUS_TEXT,
          'Content-Length': Buffer.byteLength(text),
        });
        response.end(request.method === 'HEAD' ? undefined : text);
      });
    }
  });
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}/metrics`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** The metrics on a port of their own, where the operator wants that. */
export const metricsServerOf = (
  { host, metricsPort }: Pick<Config, 'host' | 'metricsPort'>,
  metrics: ServiceMetrics,
): Promise<MetricsServer | null> =>
  metricsPort === null
    ? Promise.resolve(null)
    : startMetricsServer({ host, port: metricsPort, text: () => metrics.text() });
