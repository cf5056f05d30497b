import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { VERSION } from '../../adapters/node/version.ts';
import { authenticate } from '../../core/auth/authenticate.ts';
import { workModules, type GraphInput } from '../wiring/modules.ts';
import { TOKENS } from '../wiring/tokens.ts';
import { resolver } from '../wiring/typed-container.ts';
import { watchModels, type ModelState } from '../wiring/watch-models.ts';
import { HTTP_TOKENS, httpModule } from './http-module.ts';
import { createApp } from './http/app.ts';

/** A running service. */
export interface Service {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The model's state when the service started. */
  readonly model: ModelState;
  /** Stops taking requests, lets those in flight and the job in hand finish, and closes the storage. */
  readonly stop: () => Promise<void>;
}

/** A header block that takes longer than this is an attack or a broken line. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Requests in flight and the job in hand get this long to finish when the service stops. */
const DRAIN_MS = 15_000;

/** Wires the graph, starts the job runner where this process is to work on jobs, and listens. */
export async function startService(input: GraphInput): Promise<Service> {
  const { config, logger, storage } = input;
  const get = resolver(...workModules(input), httpModule(config));
  const app = createApp({
    endpoints: get(HTTP_TOKENS.endpoints),
    authenticate: authenticate({ tokens: get(TOKENS.tokens) }),
    settings: {
      jsonLimitBytes: config.jsonLimitBytes,
      fileLimitBytes: config.exportLimitBytes,
      publicUrl: config.publicUrl,
    },
    logger,
    version: VERSION,
    production: config.environment === 'production',
    corsOrigins: config.corsOrigins,
  });
  const model = get(TOKENS.workerModel);
  const models = await watchModels(model, logger);
  const server = createServer(app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  // An export of gigabytes over a home line takes its time; the header timeout is what stops a slow client.
  server.requestTimeout = 0;
  const url = await listen(server, config.host, config.port);
  const runner = get(TOKENS.jobRunner);
  if (config.runJobs) runner.start();
  return {
    url,
    model: models.atStart,
    stop: async () => {
      clearInterval(models.timer);
      await Promise.all([drain(server, logger), runner.stop(DRAIN_MS)]);
      await model.close();
      await storage.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}`);
    });
  });
}

function drain(server: Server, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      logger.warn('requests were still running when the time to drain was over');
      server.closeAllConnections();
    }, DRAIN_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
