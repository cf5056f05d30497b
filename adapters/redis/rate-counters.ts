import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { cellRateOf, inMicroseconds, type TakenCalls } from '../../core/limits/cell-rate.ts';
import type { RateCounters, WantedCalls } from '../../core/limits/ports.ts';
import { TAKE_SCRIPT } from './take-script.ts';

const TAKE_SCRIPT_SHA1 = createHash('sha1').update(TAKE_SCRIPT).digest('hex');

/** A Redis may serve others, too. */
const KEY_PREFIX = 'clarity:rate:';

/** The first calls wait so long for the connection; later ones do not wait for a lost one at all. */
const CONNECT_MS = 400;
const LONGEST_RECONNECT_PAUSE_MS = 2000;
/** A connection that says nothing for longer is a broken one; a ping makes a sound one speak. */
const PING_MS = 4000;
const SILENCE_MS = 10_000;

const clientOf = (url: string) =>
  createClient({
    url,
    RESP: 2,
    // What waits for a lost connection would be counted long after the call was answered.
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(LONGEST_RECONNECT_PAUSE_MS, 100 * 2 ** Math.min(retries, 8)),
    },
  });

/** Counted calls in Redis 5 or newer, or what speaks as it does. Connects when the first call is counted, and again by itself. */
export class RedisRateCounters implements RateCounters {
  readonly #client: ReturnType<typeof clientOf>;
  /** Of the first connection; later ones are made by the client itself. */
  #opening: Promise<unknown> | null = null;
  #lastError = new Error('not connected');

  constructor(url: string) {
    this.#client = clientOf(url);
    // Told of every failed connection; whoever wants to count learns of it from the answer.
    this.#client.on('error', (error: Error) => {
      this.#lastError = error;
    });
  }

  take({ counter, limit, most, nowMs }: WantedCalls): ResultAsync<TakenCalls, PortUnavailable> {
    const { spacingUs, burstUs } = cellRateOf(limit);
    const words = [`${KEY_PREFIX}${counter}`, ...[inMicroseconds(nowMs), spacingUs, burstUs, most].map(String)];
    return ResultAsync.fromPromise(this.#run(words), (cause) => portUnavailable('RateCounters', 'take', cause));
  }

  /** Ends the connection; later calls answer `port-unavailable`. */
  async close(): Promise<void> {
    this.#opening ??= Promise.resolve();
    if (this.#client.isOpen) this.#client.destroy();
  }

  async #run(words: readonly string[]): Promise<TakenCalls> {
    await this.#connected();
    return takenOf(await this.#evaluated(words));
  }

  async #evaluated(words: readonly string[]): Promise<unknown> {
    try {
      return await this.#client.sendCommand(['EVALSHA', TAKE_SCRIPT_SHA1, '1', ...words]);
    } catch (error) {
      // After a restart Redis does not know the script any more.
      if (!isUnknownScript(error)) throw error;
      return this.#client.sendCommand(['EVAL', TAKE_SCRIPT, '1', ...words]);
    }
  }

  async #connected(): Promise<void> {
    if (this.#isReady()) return;
    this.#opening ??= this.#open();
    await this.#opening;
    // It was, and is lost.
    if (!this.#isReady()) throw this.#lastError;
  }

  #isReady(): boolean {
    return this.#client.isReady;
  }

  #open(): Promise<unknown> {
    const ready = once(this.#client, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) });
    // It goes on trying, and tells of each failure; only the first calls do not wait for it any longer.
    this.#client.connect().catch(() => undefined);
    return ready;
  }
}

const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');

function takenOf(reply: unknown): TakenCalls {
  const [taken, arrival] = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  const answer = { taken: Number(taken), arrivalUs: Number(arrival) };
  if (!Number.isSafeInteger(answer.taken) || !Number.isSafeInteger(answer.arrivalUs)) {
    throw new SyntaxError('the answer is not that of the script');
  }
  return answer;
}
