import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoTable, type Item, type ItemKey } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoInsightStore } from '../../../adapters/aws/dynamodb/insight-store.ts';
import { insightId, type Insight } from '../../../core/insights/model.ts';
import type { InsightStore } from '../../../core/insights/ports.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { durableInsightStoreContract, insightStoreContract } from '../../contracts/insight-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { endingBefore, InterruptedTable } from './interrupted-table.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): InsightStore => new DynamoInsightStore(under.another());
  return { under, store: open(), reopen: async () => open(), close: () => under.close() };
};

insightStoreContract('dynamodb', make);
durableInsightStoreContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb insight store', make);

const ADA = userId('ada');

const insight = (id: string, upload: string | null = null): Insight => ({
  owner: ADA,
  insightId: insightId(id),
  upload: upload === null ? null : processingId(upload),
  insightType: 'sleep',
  generatedAtMs: 1.5,
  generator: 'rules',
  narrative: 'n',
  keyInsights: [],
  recommendations: [],
  confidenceScore: 1,
  factsUsed: [],
  notComputed: [],
});

test('an item has the key and attributes that it is documented with', async ({ store, under }) => {
  valueOf(await store.insert(insight('insight_1', 'first')));
  const [item] = await under.scan();
  assert.equal(item, {
    pk: 'USER#ada',
    sk: 'INSIGHTS#insight_1',
    kind: 'insight',
    user_id: 'ada',
    insight_id: '"insight_1"',
    generated_at_ms: 1.5,
    upload_key: 'first',
    content: JSON.stringify(insight('insight_1', 'first')),
  });
});

test('uploads whose ids have no UTF-8 form stay apart', async ({ store }) => {
  valueOf(await store.insert(insight('a', '\ud800')));
  valueOf(await store.insert(insight('b', '\ud801')));
  assert.is(valueOf(await store.deleteUpload(ADA, processingId('\ud800'))), 1);
  assert.is(valueOf(await store.get(ADA, insightId('b'))).upload, '\ud801');
});

test('what goes between the two reads of a list is left out of it', async ({ store, under }) => {
  class Overtaken extends DynamoTable {
    override async getMany(keys: readonly ItemKey[]): Promise<readonly Item[]> {
      valueOf(await store.deleteUpload(ADA, processingId('first')));
      return super.getMany(keys);
    }
  }
  valueOf(await store.insert(insight('a', 'first')));
  valueOf(await store.insert(insight('b')));
  const table = new Overtaken(under.settings, under.name, new AwsCaller());
  const page = valueOf(await new DynamoInsightStore(table).list(ADA, { limit: 10, offset: 0 }));
  table.close();
  assert.equal(page, { insights: [insight('b')], totalCount: 2, hasMore: false });
});

test('deleting and erasing, ended between any two writes and done again, leave nothing', async ({ store, under }) => {
  for (const call of ['deleteUpload', 'eraseOwner'] as const) {
    const ids = Array.from({ length: 60 }, (_, i) => `insight ${i}`);
    for (const inserted of await Promise.all(ids.map((id) => store.insert(insight(id, 'first'))))) valueOf(inserted);
    const erase = (under: InsightStore) =>
      call === 'deleteUpload' ? under.deleteUpload(ADA, processingId('first')) : under.eraseOwner(ADA).map(() => 0);
    for (const [step, left] of [
      [0, 60],
      [1, 35],
    ] as const) {
      const dying = new InterruptedTable(under, endingBefore(step));
      assert.is(errorOf(await erase(new DynamoInsightStore(dying))).kind, 'port-unavailable');
      dying.close();
      assert.is((await under.scan()).length, left);
    }
    valueOf(await erase(store));
    assert.equal(await under.scan(), []);
  }
});

test("the older service's insights are none of these", async ({ store, under }) => {
  await under.plant({ pk: 'USER#ada', sk: 'INSIGHT#2025-03-10T12:00:00+00:00', user_id: 'ada' });
  assert.is(valueOf(await store.list(ADA, { limit: 10, offset: 0 })).totalCount, 0);
  valueOf(await store.eraseOwner(ADA));
  assert.is((await under.scan()).length, 1);
});

run();
