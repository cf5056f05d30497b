import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import {
  DynamoTable,
  type Expression,
  type Item,
  type ItemKey,
  type ItemRange,
} from '../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoMetricStore } from '../../adapters/aws/dynamodb/metric-store.ts';
import { DynamoSampleStore } from '../../adapters/aws/dynamodb/sample-store.ts';
import { DynamoUploadStore } from '../../adapters/aws/dynamodb/upload-store.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { makeTable, type TableUnderTest } from '../emulators/tables.ts';
import type { Death, DyingProcess, Stores, StoresUnderModel } from './modelled-port.ts';

/** Processes of one table, each with a client and stores of its own. */
export async function dynamoStores(): Promise<StoresUnderModel> {
  const under = await makeTable();
  return {
    processes: [storesOver(under.table), storesOver(under.another())],
    startDying: (death) => Promise.resolve(dyingProcess(under, death)),
    close: () => under.close(),
  };
}

function storesOver(table: DynamoTable): Stores {
  const retention = { ttlDays: null, clock: systemClock };
  return {
    samples: new DynamoSampleStore(table, retention),
    metrics: new DynamoMetricStore(table, retention, nodeDigest),
    uploads: new DynamoUploadStore(table, retention),
  };
}

function dyingProcess(under: TableUnderTest, death: Death): DyingProcess {
  const table = new DyingTable(under, death);
  return {
    stores: storesOver(table),
    died: () => table.isDead,
    end: async () => {
      await table.settle();
      table.close();
    },
  };
}

/** Items of one request of `writeMany`. */
const ITEMS_A_WRITE = 25;

/** A table as a process sees it that is gone at one of its writes: from then on nothing is sent any more. */
class DyingTable extends DynamoTable {
  readonly #death: Death;
  readonly #underWay = new Set<Promise<unknown>>();
  #writes = 0;
  #isDead = false;

  constructor({ settings, name }: TableUnderTest, death: Death) {
    super(settings, name, new AwsCaller());
    this.#death = death;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves when what was sent before the end has been answered. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled([...this.#underWay]);
  }

  override get(key: ItemKey): Promise<Item | null> {
    return this.#unlessDead(() => super.get(key));
  }

  override getMany(keys: readonly ItemKey[]): Promise<readonly Item[]> {
    return this.#unlessDead(() => super.getMany(keys));
  }

  override async *query(range: ItemRange): AsyncGenerator<Item, void, undefined> {
    for await (const item of super.query(range)) {
      this.#demandLife();
      yield item;
    }
  }

  override async *queryProcessing(processingId: string): AsyncGenerator<Item, void, undefined> {
    for await (const item of super.queryProcessing(processingId)) {
      this.#demandLife();
      yield item;
    }
  }

  override put(item: Item, condition?: Expression): Promise<boolean> {
    return this.#write(() => super.put(item, condition));
  }

  override update(key: ItemKey, change: Expression, condition?: Expression): Promise<Item | null> {
    return this.#write(() => super.update(key, change, condition));
  }

  override delete(key: ItemKey, condition?: Expression): Promise<boolean> {
    return this.#write(() => super.delete(key, condition));
  }

  override async writeMany(puts: readonly Item[], deletes: readonly ItemKey[] = []): Promise<void> {
    for (let from = 0; from < puts.length + deletes.length; from += ITEMS_A_WRITE) {
      const some = puts.slice(from, from + ITEMS_A_WRITE);
      const room = ITEMS_A_WRITE - some.length;
      const gone = deletes.slice(Math.max(0, from - puts.length), Math.max(0, from - puts.length) + room);
      // Of a request for several items DynamoDB may have done any part when its sender dies.
      await this.#write(
        () => super.writeMany(some, gone),
        () => super.writeMany(some.slice(0, some.length / 2), gone.slice(0, gone.length / 2)),
      );
    }
  }

  #write<T>(work: () => Promise<T>, partly: () => Promise<unknown> = work): Promise<T> {
    return this.#unlessDead(async () => {
      if (this.#writes++ !== this.#death.atWrite) return work();
      this.#isDead = true;
      if (this.#death.takesEffect) await partly();
      throw new ProcessGone();
    });
  }

  async #unlessDead<T>(work: () => Promise<T>): Promise<T> {
    this.#demandLife();
    const answer = work();
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
      // An answer that comes after the end reaches nobody.
      this.#demandLife();
    }
  }

  #demandLife(): void {
    if (this.#isDead) throw new ProcessGone();
  }
}

class ProcessGone extends Error {
  override readonly name = 'ProcessGone';
}
