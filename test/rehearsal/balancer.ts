import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a load balancer finds out, as an Application Load Balancer is configured. */
export interface BalancerSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
  /** What is in flight to a target that leaves may take so long; a target with nothing in flight leaves at once. */
  readonly deregistrationMs: number;
}

/** As in `hosts/ecs/load-balancer.ts`, but quicker at noticing. */
export const QUICK_BALANCER: BalancerSettings = {
  intervalMs: 100,
  timeoutMs: 5000,
  healthyAfter: 2,
  unhealthyAfter: 2,
  deregistrationMs: 20_000,
};

/** What the balancer did with the calls that came. */
export interface BalancerCounts {
  readonly received: number;
  /** Whole answers by the name of the target. */
  readonly answered: Readonly<Record<string, number>>;
  /** Calls that were sent to a target and got no whole answer: connections that broke. */
  readonly broken: number;
  /** Calls for which there was no target. */
  readonly unserved: number;
  /** Calls whose client left before the answer was there. */
  readonly abandoned: readonly string[];
}

interface Target {
  readonly name: string;
  readonly url: URL;
  readonly agent: Agent;
  isHealthy: boolean;
  isLeaving: boolean;
  inFlight: number;
  /** Checks in a row that ended the other way than the state is. */
  streak: number;
  timer: NodeJS.Timeout | undefined;
  readonly onChange: (() => void)[];
}

const NOT_PASSED_ON = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

const endToEnd = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name)));

/**
 * A small load balancer over connections that it keeps. It asks each target whether it is ready, sends calls round to those that
 * are (to all, where none is), answers 502 where the connection breaks and 503 where there is nobody, and tries nothing again.
 */
export class Balancer {
  readonly #settings: BalancerSettings;
  readonly #targets = new Map<string, Target>();
  readonly #server: Server;
  readonly #answered: Record<string, number> = {};
  #received = 0;
  #broken = 0;
  #unserved = 0;
  readonly #abandoned: string[] = [];
  #next = 0;

  constructor(settings: BalancerSettings = QUICK_BALANCER) {
    this.#settings = settings;
    this.#server = createServer((request, response) => {
      this.#pass(request, response);
    });
    this.#server.keepAliveTimeout = 75_000;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  counts(): BalancerCounts {
    return {
      received: this.#received,
      answered: { ...this.#answered },
      broken: this.#broken,
      unserved: this.#unserved,
      abandoned: [...this.#abandoned],
    };
  }

  /** Takes a target in. Resolves when it is healthy, so that it gets calls. */
  async register(name: string, url: string): Promise<void> {
    const target: Target = {
      name,
      url: new URL(url),
      agent: new Agent({ keepAlive: true, scheduling: 'fifo' }),
      isHealthy: false,
      isLeaving: false,
      inFlight: 0,
      streak: 0,
      timer: undefined,
      onChange: [],
    };
    this.#targets.set(name, target);
    void this.#watch(target);
    await this.#until(target, () => target.isHealthy);
  }

  /** Resolves when the target's own word has made it unhealthy. */
  async untilUnhealthy(name: string): Promise<void> {
    const target = this.#targets.get(name);
    if (target !== undefined) await this.#until(target, () => !target.isHealthy);
  }

  /** Sends no more calls there, and resolves when those in flight have had their time. */
  async deregister(name: string): Promise<void> {
    const target = this.#targets.get(name);
    if (target === undefined) return;
    target.isLeaving = true;
    const timer = setTimeout(() => {
      target.inFlight = 0;
      tellAll(target);
    }, this.#settings.deregistrationMs);
    await this.#until(target, () => target.inFlight === 0);
    clearTimeout(timer);
    this.remove(name);
  }

  /** Forgets a target that has gone. */
  remove(name: string): void {
    const target = this.#targets.get(name);
    clearTimeout(target?.timer);
    target?.agent.destroy();
    this.#targets.delete(name);
  }

  async close(): Promise<void> {
    for (const name of [...this.#targets.keys()]) this.remove(name);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #until(target: Target, isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => target.onChange.push(resolve));
  }

  async #watch(target: Target): Promise<void> {
    const isReady = await this.#asks(target);
    target.streak = isReady === target.isHealthy ? 0 : target.streak + 1;
    if (target.streak >= (isReady ? this.#settings.healthyAfter : this.#settings.unhealthyAfter)) {
      target.isHealthy = isReady;
      target.streak = 0;
      tellAll(target);
    }
    if (this.#targets.get(target.name) !== target) return;
    target.timer = setTimeout(() => void this.#watch(target), this.#settings.intervalMs);
  }

  async #asks({ url }: Target): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(this.#settings.timeoutMs);
      const response = await fetch(new URL('/api/v1/health/ready', url), { signal, headers: { connection: 'close' } });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  #chosen(): Target | undefined {
    const staying = [...this.#targets.values()].filter(({ isLeaving }) => !isLeaving);
    const healthy = staying.filter(({ isHealthy }) => isHealthy);
    const among = healthy.length > 0 ? healthy : staying;
    return among[this.#next++ % among.length];
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    this.#received += 1;
    const target = this.#chosen();
    if (target === undefined) {
      this.#unserved += 1;
      response.writeHead(503, { 'x-served-by': 'balancer' }).end();
      return;
    }
    const { hostname, port } = target.url;
    const onward = httpRequest({
      hostname,
      port,
      agent: target.agent,
      method: request.method,
      path: request.url,
      headers: endToEnd(request.headers),
    });
    let isCounted = false;
    const receivedMs = performance.now();
    target.inFlight += 1;
    response.once('close', () => {
      target.inFlight -= 1;
      tellAll(target);
      if (response.writableFinished || isCounted) return;
      const afterMs = Math.round(performance.now() - receivedMs);
      this.#abandoned.push(`${request.method ?? ''} to ${target.name} after ${String(afterMs)} ms`);
    });
    const broke = (): void => {
      if (isCounted) return;
      isCounted = true;
      this.#broken += 1;
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'x-served-by': 'balancer' }).end();
    };
    onward.once('error', broke);
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headers), 'x-served-by': target.name });
      answer.once('error', broke);
      answer.once('end', () => {
        if (isCounted || !answer.complete) return;
        isCounted = true;
        this.#answered[target.name] = (this.#answered[target.name] ?? 0) + 1;
      });
      answer.pipe(response);
    });
    request.pipe(onward);
  }
}

/** Wakes whoever waits for the target to be otherwise. */
function tellAll(target: Target): void {
  for (const tell of target.onChange.splice(0)) tell();
}
