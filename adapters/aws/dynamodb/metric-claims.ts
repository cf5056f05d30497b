import { randomUUID } from 'node:crypto';
import type { UserId } from '../../../core/kernel/ids.ts';
import { eachInFlight } from '../in-flight.ts';
import { untilUncontended } from './contended.ts';
import { ABSENT, type DynamoTable, type Expression, type Item, type ItemKey } from './dynamo-table.ts';
import { keyText, ownerKey } from './key-text.ts';
import type { MetricDay, MetricDays } from './metric-days.ts';
import { type Retention, ttlFact } from './retention.ts';

/** Begins the sort keys of the claims. */
export const METRIC_CLAIM_PREFIX = 'METRICID#';

/** Which day may store an id. */
interface Claim {
  readonly day: number;
  /** New with every write. */
  readonly token: string;
  /** The day it was taken from, until it is sure that nobody stores the id there any more. */
  readonly from?: number;
  /** Nobody may rely on it before making it firm again. */
  readonly loose?: boolean;
}

/** Whether the caller's day may store the id, as far as other days are concerned, or another day has it. */
export type ClaimOutcome = 'held' | 'elsewhere';

/**
 * Keeps an id on one day only, by an item `METRICID#<id>` in the owner's partition. A day with the id has a claim, or
 * one that is about to be taken over and comes back. Whoever stores an id reads the day first, then makes sure of the
 * claim, then writes the day on what was read. Whoever takes a claim from another day takes it first and then rewrites
 * that day, so that whoever was sure of the claim before loses his write; whoever gives a claim up loosens it, writes
 * the day without the id, and then removes the claim if it is still loose.
 */
export class MetricClaims {
  readonly #table: DynamoTable;
  readonly #days: MetricDays;
  readonly #retention: Retention;

  constructor(table: DynamoTable, days: MetricDays, retention: Retention) {
    this.#table = table;
    this.#days = days;
    this.#retention = retention;
  }

  /** `mayHave` tells quickly, perhaps from memory, whether a day has an id. */
  async claim(
    owner: UserId,
    id: string,
    day: number,
    mayHave: (day: number, id: string) => Promise<boolean>,
  ): Promise<ClaimOutcome> {
    return untilUncontended(this.#table, 'the claim of a metric', async () => {
      const claimed = await this.#replace(owner, id, { day, token: randomUUID() }, null);
      const claim = claimed ? null : await this.#read(owner, id);
      if (claim === null) return claimed ? 'held' : null;
      if (claim.from !== undefined) {
        await this.#settle(owner, id, claim);
        return null;
      }
      if (claim.day !== day && (await mayHave(claim.day, id))) return 'elsewhere';
      if (claim.day === day && claim.loose !== true) return 'held';
      const from = claim.day === day ? {} : { from: claim.day };
      const taken: Claim = { day, token: randomUUID(), ...from };
      if (!(await this.#replace(owner, id, taken, claim))) return null;
      return taken.from === undefined ? 'held' : this.#settle(owner, id, taken);
    });
  }

  /** Those of the ids whose claims are the day's already, so that `claim` would change nothing. */
  async held(owner: UserId, ids: readonly string[], day: number): Promise<ReadonlySet<string>> {
    const idOfKey = new Map(ids.map((id) => [claimKey(owner, id).sk, id]));
    const items = await this.#table.getMany([...idOfKey.keys()].map((sk) => ({ pk: ownerKey(owner), sk })));
    const firm = items.filter((item) => item['day'] === day && item['loose'] !== true && item['from'] === undefined);
    return new Set(firm.flatMap(({ sk }) => idOfKey.get(sk) ?? []));
  }

  /** Loosens the day's claims of the ids with this token; false where others were faster and the day must be read anew. */
  async loosen(owner: UserId, ids: readonly string[], day: number, token: string, inFlight: number): Promise<boolean> {
    const loosened = await eachInFlight(inFlight, ids, async (id) => {
      const item = { ...claimKey(owner, id), day, token, loose: true, ...ttlFact(this.#retention) };
      if (await this.#table.put(item, isSettledOn(day))) return true;
      const claim = await this.#read(owner, id);
      if (claim?.from !== undefined) await this.#settle(owner, id, claim);
      // Another day's claim is none of this day's; where it was this day's a moment ago, the day's write will fail.
      return claim?.token === token || (claim !== null && claim.from === undefined && claim.day !== day);
    });
    return !loosened.includes(false);
  }

  /** Removes the claims that are still loosened with this token. */
  async remove(owner: UserId, ids: readonly string[], token: string, inFlight: number): Promise<void> {
    await eachInFlight(inFlight, ids, (id) => this.#table.delete(claimKey(owner, id), isStill(token)));
  }

  /** Ends a takeover: the claim is the new day's where the old one has not got the id, else the old day's again. */
  async #settle(owner: UserId, id: string, claim: Claim): Promise<ClaimOutcome | null> {
    const old = claim.from === undefined ? null : await this.#days.read(owner, claim.from);
    const returns = old !== null && hasMetric(old, id);
    // Who read the old day before this cannot write it; who reads it from now on finds the claim taken.
    if (old !== null && !returns && !(await this.#days.write(old, old.content))) return null;
    const settled: Claim = { day: returns ? old.day : claim.day, token: randomUUID() };
    if (!(await this.#replace(owner, id, settled, claim))) return null;
    return returns ? 'elsewhere' : 'held';
  }

  async #read(owner: UserId, id: string): Promise<Claim | null> {
    return (await this.#table.get(claimKey(owner, id))) as Claim | null;
  }

  /** Writes the claim in the place of what was read; false where something else is there by now. */
  async #replace(owner: UserId, id: string, claim: Claim, before: Claim | null): Promise<boolean> {
    const item: Item = { ...claimKey(owner, id), ...claim, ...ttlFact(this.#retention) };
    const condition = before === null ? ABSENT : isStill(before.token);
    // The answer to an earlier try may have been lost after it took effect.
    return (await this.#table.put(item, condition)) || (await this.#read(owner, id))?.token === claim.token;
  }
}

/** Whether the day has a metric of that id. */
export const hasMetric = ({ content }: MetricDay, id: string): boolean =>
  content.metrics.some(({ metricId }) => metricId === id);

const claimKey = (owner: UserId, id: string): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${METRIC_CLAIM_PREFIX}${keyText(id)}`,
});

const isStill = (token: string): Expression => ({
  text: '#token = :token',
  names: { '#token': 'token' },
  values: { ':token': token },
});

/** There is no claim, or a settled one of that day. */
const isSettledOn = (day: number): Expression => ({
  text: `${ABSENT.text} OR (#day = :day AND attribute_not_exists(#from))`,
  names: { '#day': 'day', '#from': 'from' },
  values: { ':day': day },
});
