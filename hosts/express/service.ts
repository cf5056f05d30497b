import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../adapters/node/clock.ts';
import { authenticate } from '../../core/auth/authenticate.ts';
import { openFlags } from '../wiring/feature-flags.ts';
import { EVENT_TOKENS } from '../wiring/events-module.ts';
import { newCounting } from '../wiring/observe/counting.ts';
import { factLines } from '../wiring/observe/facts.ts';
import { metricsServerOf } from '../wiring/observe/metrics-server.ts';
import { observedInput } from '../wiring/observe/observed-input.ts';
import { openTracing } from '../wiring/observe/open-tracing.ts';
import { renewSigningKeys } from '../wiring/renew-signing-keys.ts';
import { workModules, workPorts, type GraphInput } from '../wiring/modules.ts';
import { TOKENS } from '../wiring/tokens.ts';
import { resolver } from '../wiring/typed-container.ts';
import { watchModels, type ModelState } from '../wiring/watch-models.ts';
import { graphApp } from './graph-app.ts';
import { HTTP_TOKENS, httpModule } from './http-module.ts';
import { CallsInHand } from './http/calls-in-hand.ts';
import { drainOf } from './http/drain.ts';
import { httpServer } from './http/http-server.ts';
import { countedRequests } from './http/watch-request.ts';
import { attachSockets } from './sockets/attach-sockets.ts';

/** A running service. */
export interface Service {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The model's state when the service started. */
  readonly model: ModelState;
  /**
   * Says that it is not ready, answers on for as long as load balancers need to notice, then stops taking requests, lets those
   * in flight and the job in hand finish, and closes the storage.
   */
  readonly stop: () => Promise<void>;
}

/** Requests in flight and the job in hand get at most this long to finish when the service stops. */
const DRAIN_MS = 18_000;
/** That, and the time before in which load balancers notice, take no longer together. */
const DELAY_AND_DRAIN_MS = 20_000;
/** Calls that nobody waits for any more get so long to end what they do, as they use the storage. */
const LAST_CALLS_MS = 2000;
/** Then the mails of the last requests get this long to leave. */
const LAST_MAILS_MS = 4000;

/**
 * Wires the graph, starts what works on jobs and webhooks where this process is to do so, and listens. Everything that goes
 * through the graph is counted.
 */
export async function startService(given: GraphInput): Promise<Service> {
  const { config, logger, storage } = given;
  const { embeddedMetrics } = config.observe;
  const tracing = await openTracing(config, 'clarity');
  const counting = newCounting({ tracing, noteFact: factLines(embeddedMetrics, logger, systemClock) });
  const { metrics: counted } = counting;
  const features = await openFlags(config, logger);
  const input = observedInput({ flags: features.flags, ...given }, counting);
  const { reportError } = input;
  const get = resolver(...workModules(input), httpModule(config, counting));
  const stopping = new AbortController();
  const inHand = new CallsInHand();
  const app = graphApp(get, stopping.signal, { inHand, watchRequest: countedRequests(counting), reportError });
  const model = get(TOKENS.workerModel);
  const models = await watchModels(model, logger, (seen) => {
    counted.models.described(seen);
  });
  const { signingKeyMostAgeMs: mostAgeMs } = config.accounts;
  const keys = await renewSigningKeys({ people: storage.people, clock: systemClock, logger, mostAgeMs });
  const production = config.environment === 'production';
  const server = httpServer(app, { logger, production });
  const draining = drainOf(server);
  const sockets = attachSockets(server, {
    ...workPorts(get),
    authenticate: authenticate({ tokens: get(TOKENS.tokens) }),
    identities: get(TOKENS.identities),
    rooms: get(TOKENS.rooms),
    flags: get(TOKENS.flags),
    narrator: get(TOKENS.narrator),
    logger,
    corsOrigins: config.corsOrigins,
    publicUrl: config.publicUrl,
    production,
    reportError,
  });
  counted.http.showOpen({
    sockets: () => sockets.count(),
    rooms: () => sockets.roomCount(),
    streams: () => get(HTTP_TOKENS.eventStreams).count(),
  });
  counted.models.showWeeksInHand(() => model.statistics().weeksInHand);
  const url = await listen(server, config.host, config.port);
  const metrics = await metricsServerOf(config, counted);
  const runners = [get(TOKENS.jobRunner), get(EVENT_TOKENS.webhookRunner)];
  if (config.runJobs) for (const runner of runners) runner.start();
  return {
    url,
    model: models.atStart,
    stop: async () => {
      clearInterval(models.timer);
      clearInterval(keys.timer);
      features.close();
      get(HTTP_TOKENS.health).stopServing();
      draining.begin();
      const delayMs = config.shutdownDelayMs;
      const drainMs = Math.min(DRAIN_MS, DELAY_AND_DRAIN_MS - delayMs);
      const workEnds = runners.map((runner) => runner.stop(delayMs + drainMs));
      // Whoever has not noticed yet still sends calls here, and would send back those whose streams and sockets ended.
      await pause(delayMs);
      stopping.abort();
      const [isDrained] = await Promise.all([draining.finish(drainMs), sockets.close(drainMs), ...workEnds]);
      // The work of calls whose clients have gone.
      const haveEnded = await inHand.ended(LAST_CALLS_MS);
      if (!isDrained || !haveEnded) logger.warn('requests were still running when the time to drain was over');
      await metrics?.stop();
      await Promise.race([get(TOKENS.people).settled(), pause(LAST_MAILS_MS, null, { ref: false })]);
      await model.close();
      await storage.close();
      await tracing.close();
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
