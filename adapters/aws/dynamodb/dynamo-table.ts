import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type AwsCaller, nameOf } from '../aws-caller.ts';
import { type AwsSettings, clientConfig } from '../settings.ts';

/** The key of every item of the table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** An item: its key, and attributes as the document client reads them (numbers, strings, bytes, sets, maps, lists). */
export type Item = ItemKey & Readonly<Record<string, unknown>>;

/** An expression of DynamoDB with the names and values it stands on. */
export interface Expression {
  readonly text: string;
  /** By placeholder, `#name`. */
  readonly names?: Readonly<Record<string, string>>;
  /** By placeholder, `:value`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Which items of a partition, in the order of their sort keys. */
export interface ItemRange {
  readonly pk: string;
  /** Both inclusive. */
  readonly from: string;
  readonly to: string;
  readonly descending?: boolean;
  /** Items a page; the walk goes on over all pages all the same. */
  readonly pageSize?: number;
  readonly filter?: Expression;
  /** Attributes to read; all where left out. */
  readonly only?: readonly string[];
}

/** Attributes of the index that finds items by the id of their processing. */
const PROCESSING_INDEX = 'processing-id-index';

const ITEMS_A_WRITE = 25;
const ITEMS_A_READ = 100;

/** How many requests were made; for the bench, and for operators who watch the bill. */
export interface RequestCounts {
  reads: number;
  writes: number;
}

/** The single table, with reads that are always consistent and walk over all pages. Its methods reject with the SDK's errors. */
export class DynamoTable {
  readonly requests: RequestCounts = { reads: 0, writes: 0 };
  readonly #client: DynamoDBDocumentClient;
  readonly #raw: DynamoDBClient;
  readonly #name: string;
  readonly #caller: AwsCaller;

  constructor(settings: AwsSettings, name: string, caller: AwsCaller) {
    this.#raw = new DynamoDBClient(clientConfig(settings, 'dynamodb'));
    this.#client = DynamoDBDocumentClient.from(this.#raw, {
      marshallOptions: { removeUndefinedValues: true },
      // The older service wrote decimals of any size; one that no double holds exactly must not fail the read of a page.
      unmarshallOptions: { wrapNumbers: Number },
    });
    this.#name = name;
    this.#caller = caller;
  }

  async get(key: ItemKey): Promise<Item | null> {
    const command = new GetCommand({ TableName: this.#name, Key: keyOf(key), ConsistentRead: true });
    const { Item: item } = await this.#read((abortSignal) => this.#client.send(command, { abortSignal }));
    return item === undefined ? null : (item as Item);
  }

  /** The items of the keys that exist, in no order. */
  async getMany(keys: readonly ItemKey[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let from = 0; from < keys.length; from += ITEMS_A_READ) {
      await this.#caller.callUntilEmpty(keys.slice(from, from + ITEMS_A_READ), async (some, abortSignal) => {
        this.requests.reads++;
        const request = { [this.#name]: { Keys: some.map(keyOf), ConsistentRead: true } };
        const answer = await this.#client.send(new BatchGetCommand({ RequestItems: request }), { abortSignal });
        found.push(...((answer.Responses?.[this.#name] ?? []) as unknown as Item[]));
        return (answer.UnprocessedKeys?.[this.#name]?.Keys ?? []) as unknown as ItemKey[];
      });
    }
    return found;
  }

  /** Writes the item; false when the condition did not hold. */
  async put(item: Item, condition?: Expression): Promise<boolean> {
    const command = new PutCommand({ TableName: this.#name, Item: item, ...conditionOf(condition) });
    return this.#writeIf((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  /** Changes the item and answers it as it is then; null when the condition did not hold. */
  async update(key: ItemKey, change: Expression, condition?: Expression): Promise<Item | null> {
    const names = { ...change.names, ...condition?.names };
    const values = { ...change.values, ...condition?.values };
    const command = new UpdateCommand({
      TableName: this.#name,
      Key: keyOf(key),
      UpdateExpression: change.text,
      ConditionExpression: condition?.text,
      ExpressionAttributeNames: Object.keys(names).length === 0 ? undefined : names,
      ExpressionAttributeValues: Object.keys(values).length === 0 ? undefined : values,
      ReturnValues: 'ALL_NEW',
    });
    let after: Item | null = null;
    await this.#writeIf(async (abortSignal) => {
      const { Attributes: attributes } = await this.#client.send(command, { abortSignal });
      after = attributes as Item;
    });
    return after;
  }

  /** Deletes the item, or sees that there is none; false when the condition did not hold. */
  async delete(key: ItemKey, condition?: Expression): Promise<boolean> {
    const command = new DeleteCommand({ TableName: this.#name, Key: keyOf(key), ...conditionOf(condition) });
    return this.#writeIf((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  /** Writes and deletes in batches, in no order; the keys must differ. Rejects when a part stays unprocessed. */
  async writeMany(puts: readonly Item[], deletes: readonly ItemKey[] = []): Promise<void> {
    const requests = [
      ...puts.map((item) => ({ PutRequest: { Item: item } })),
      ...deletes.map((key) => ({ DeleteRequest: { Key: keyOf(key) } })),
    ];
    for (let from = 0; from < requests.length; from += ITEMS_A_WRITE) {
      await this.#caller.callUntilEmpty(requests.slice(from, from + ITEMS_A_WRITE), async (some, abortSignal) => {
        this.requests.writes++;
        const command = new BatchWriteCommand({ RequestItems: { [this.#name]: [...some] } });
        const { UnprocessedItems: left } = await this.#client.send(command, { abortSignal });
        return (left?.[this.#name] ?? []) as typeof requests;
      });
    }
  }

  /** All items of the range, page after page. */
  async *query(range: ItemRange): AsyncGenerator<Item, void, undefined> {
    const { pk, from, to, descending, pageSize, filter, only } = range;
    if (isAfter(from, to)) return;
    const names: Record<string, string> = { ...filter?.names };
    only?.forEach((attribute, i) => (names[`#only${String(i)}`] = attribute));
    yield* this.#pages({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ConsistentRead: true,
      ScanIndexForward: descending !== true,
      Limit: pageSize,
      FilterExpression: filter?.text,
      ProjectionExpression: only?.map((_, i) => `#only${String(i)}`).join(', '),
      ExpressionAttributeNames: Object.keys(names).length === 0 ? undefined : names,
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to, ...filter?.values },
    });
  }

  /** All items that carry the processing id, of whatever owner: the index is a moment behind the table. */
  async *queryProcessing(processingId: string): AsyncGenerator<Item, void, undefined> {
    yield* this.#pages({
      IndexName: PROCESSING_INDEX,
      KeyConditionExpression: 'processing_id = :id',
      ExpressionAttributeValues: { ':id': processingId },
    });
  }

  /** Waits before the next look at an item that somebody else is changing. */
  pause(tries: number): Promise<void> {
    return this.#caller.pause(tries);
  }

  close(): void {
    this.#client.destroy();
    this.#raw.destroy();
  }

  async *#pages(
    input: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName' | 'ExclusiveStartKey'>,
  ): AsyncGenerator<Item, void, undefined> {
    let after: Record<string, unknown> | undefined;
    do {
      const command = new QueryCommand({ ...input, TableName: this.#name, ExclusiveStartKey: after });
      const page = await this.#read((abortSignal) => this.#client.send(command, { abortSignal }));
      yield* (page.Items ?? []) as Item[];
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
  }

  #read<T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#caller.call((abortSignal) => {
      this.requests.reads++;
      return work(abortSignal);
    });
  }

  async #writeIf(work: (abortSignal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    try {
      await this.#caller.call((abortSignal) => {
        this.requests.writes++;
        return work(abortSignal);
      });
      return true;
    } catch (cause) {
      if (nameOf(cause) === 'ConditionalCheckFailedException') return false;
      throw cause;
    }
  }
}

/** In DynamoDB's order, that of UTF-8 bytes; JavaScript's own differs above U+D7FF. */
const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;

const keyOf = ({ pk, sk }: ItemKey): { pk: string; sk: string } => ({ pk, sk });

const conditionOf = (condition: Expression | undefined) =>
  condition === undefined
    ? {}
    : {
        ConditionExpression: condition.text,
        ExpressionAttributeNames: condition.names,
        ExpressionAttributeValues: condition.values,
      };

/** The item is not there. */
export const ABSENT: Expression = { text: 'attribute_not_exists(pk)' };
/** The item is there. */
export const PRESENT: Expression = { text: 'attribute_exists(pk)' };
