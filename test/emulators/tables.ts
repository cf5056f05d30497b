import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { DynamoTable, type Item } from '../../adapters/aws/dynamodb/dynamo-table.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';
import { emulator, settingsFor } from './emulators.ts';

/** A table of its own, as the existing one is made: `pk`, `sk` and the index by processing id. */
export interface TableUnderTest {
  readonly settings: AwsSettings;
  readonly name: string;
  readonly table: DynamoTable;
  /** Another process's view of the same table. */
  readonly another: () => DynamoTable;
  /** Everything that is in it. */
  readonly scan: () => Promise<readonly Item[]>;
  /** Puts an item past the adapters, such as one of the older service. */
  readonly plant: (item: Item) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function makeTable(): Promise<TableUnderTest> {
  const { endpointUrl } = await emulator('dynalite', 'dynamodb');
  const settings = settingsFor({ dynamodb: endpointUrl });
  const raw = new DynamoDBClient({
    endpoint: endpointUrl,
    ...(settings.region === null ? {} : { region: settings.region }),
  });
  const documents = DynamoDBDocumentClient.from(raw, { unmarshallOptions: { wrapNumbers: Number } });
  const name = `clarity-test-${randomUUID()}`;
  await raw.send(new CreateTableCommand(tableDefinition(name)));
  await waitUntilTableExists({ client: raw, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  const opened: DynamoTable[] = [];
  const another = (): DynamoTable => {
    const table = new DynamoTable(settings, name, new AwsCaller());
    opened.push(table);
    return table;
  };
  return {
    settings,
    name,
    table: another(),
    another,
    scan: async () => {
      const items: Item[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const page = await documents.send(new ScanCommand({ TableName: name, ExclusiveStartKey: after }));
        items.push(...((page.Items ?? []) as Item[]));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return items;
    },
    plant: async (item) => {
      await documents.send(new PutCommand({ TableName: name, Item: item }));
    },
    close: async () => {
      for (const table of opened) table.close();
      await raw.send(new DeleteTableCommand({ TableName: name }));
      documents.destroy();
      raw.destroy();
    },
  };
}

const tableDefinition = (name: string): ConstructorParameters<typeof CreateTableCommand>[0] => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'processing_id', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'processing-id-index',
      KeySchema: [{ AttributeName: 'processing_id', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
});
