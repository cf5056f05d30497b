import type { SampleType } from '../../../core/health-data/sample-types.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable, Expression, Item, ItemKey } from './dynamo-table.ts';
import { ownerKey } from './key-text.ts';

/** Begins the sort keys of these items. */
export const SAMPLE_DAYS_PREFIX = 'SAMPLEDAYS#';

/** What is known of an owner's chunks of one type without reading them. */
export interface TypeDays {
  /** No sample of a stored chunk reaches more days past the day it starts on. */
  readonly reachDays: number;
  /** Days with a chunk, in no order. A chunk of a call that did not end may be missing; no other. */
  readonly days: ReadonlySet<number>;
  /** Grows whenever days are added; null when none ever were. */
  readonly changes: number | null;
}

/** One item a type, `SAMPLEDAYS#<type>` in the owner's partition: `reach_days`, `days` and `changes`. */
export class SampleDays {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  /** By type, of the types that were ever stored. */
  async read(owner: UserId, types: Iterable<SampleType>): Promise<ReadonlyMap<SampleType, TypeDays>> {
    const typeOf = new Map([...types].map((type) => [daysKey(owner, type).sk, type]));
    const items = await this.#table.getMany([...typeOf].map(([sk]) => ({ pk: ownerKey(owner), sk })));
    return new Map(items.map((item) => [typeOf.get(item.sk)!, typeDays(item)]));
  }

  /** Makes readers look so many days back, at least. To be called before a chunk that reaches so far is written. */
  async widen(owner: UserId, type: SampleType, reachDays: number): Promise<void> {
    await this.#table.update(
      daysKey(owner, type),
      { text: 'SET reach_days = :reach', values: { ':reach': reachDays } },
      { text: 'attribute_not_exists(reach_days) OR reach_days < :reach' },
    );
  }

  /** Adds days on which chunks are. To be called after they were written, with the furthest that any of them reaches. */
  async add(owner: UserId, type: SampleType, days: Iterable<number>, reachDays: number): Promise<void> {
    const after = await this.#table.update(daysKey(owner, type), {
      text: 'SET reach_days = if_not_exists(reach_days, :reach) ADD #days :days, changes :one',
      names: { '#days': 'days' },
      values: { ':reach': reachDays, ':days': new Set(days), ':one': 1 },
    });
    // Somebody may have erased the item since the reach was widened.
    if (after !== null && typeDays(after).reachDays < reachDays) await this.widen(owner, type, reachDays);
  }

  /**
   * Takes days out again whose chunks are gone. `changes` is what `read` said before the chunks were removed; when days
   * were added since, `stillGone` is asked which of them have no chunk now, and those go.
   */
  async remove(
    owner: UserId,
    type: SampleType,
    days: readonly number[],
    changes: number | null,
    stillGone: (days: readonly number[]) => Promise<readonly number[]>,
  ): Promise<void> {
    let gone = days;
    let seen = changes;
    await untilUncontended(this.#table, `days with samples of ${type}`, async () => {
      // No days were ever added, so there are none to take out.
      if (gone.length === 0 || seen === null) return true;
      const change: Expression = {
        text: 'DELETE #days :days',
        names: { '#days': 'days' },
        values: { ':days': new Set(gone) },
      };
      const unchanged: Expression = { text: 'changes = :changes', values: { ':changes': seen } };
      if ((await this.#table.update(daysKey(owner, type), change, unchanged)) !== null) return true;
      seen = (await this.read(owner, [type])).get(type)?.changes ?? null;
      gone = await stillGone(gone);
      return null;
    });
  }
}

const daysKey = (owner: UserId, type: SampleType): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${SAMPLE_DAYS_PREFIX}${type}`,
});

const typeDays = (item: Item): TypeDays => ({
  reachDays: Number(item['reach_days'] ?? 0),
  days: (item['days'] as ReadonlySet<number> | undefined) ?? new Set(),
  changes: item['changes'] === undefined ? null : Number(item['changes']),
});
