import type { ResultAsync } from 'neverthrow';
import type { ErasedOwners, ErasureMark } from '../../../core/account/erased-owners.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { orUnavailable } from '../aws-caller.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';

/**
 * Who was erased of late: one item a person at `ERASED#<mark>`, outside of all people's partitions, with the end of its
 * time in `until_ms`. The table removes it afterwards by itself, where its TTL attribute is `ttl`.
 */
export class DynamoErasedOwners implements ErasedOwners {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  remember(mark: ErasureMark, _nowMs: EpochMs, untilMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const item = { ...keyOf(mark), kind: 'erased', until_ms: untilMs, ttl: Math.ceil(untilMs / 1000) };
    const isLater = { text: 'attribute_not_exists(pk) OR until_ms < :until', values: { ':until': untilMs } };
    // Where the condition does not hold, it is remembered for longer already.
    const work = this.#table.put(item, isLater).then(() => undefined);
    return orUnavailable('ErasedOwners', 'remember', work);
  }

  isRemembered(mark: ErasureMark, nowMs: EpochMs): ResultAsync<boolean, PortUnavailable> {
    return this.#until('isRemembered', mark, nowMs).map((untilMs) => untilMs !== null);
  }

  rememberedUntil(mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    return this.#until('rememberedUntil', mark, nowMs);
  }

  #until(operation: string, mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable> {
    const work = this.#table.get(keyOf(mark)).then((item) => {
      const untilMs = Number(item?.['until_ms'] ?? -Infinity);
      return nowMs < untilMs ? untilMs : null;
    });
    return orUnavailable('ErasedOwners', operation, work);
  }
}

const keyOf = (mark: ErasureMark): ItemKey => ({ pk: `ERASED#${mark}`, sk: 'ERASED' });
