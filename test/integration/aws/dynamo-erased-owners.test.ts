import * as assert from 'uvu/assert';
import { DynamoErasedOwners } from '../../../adapters/aws/dynamodb/erased-owners.ts';
import type { ErasedOwners, ErasureMark } from '../../../core/account/erased-owners.ts';
import {
  durableErasedOwnersContract,
  erasedOwnersContract,
  sharedErasedOwnersContract,
} from '../../contracts/erased-owners.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): ErasedOwners => new DynamoErasedOwners(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

erasedOwnersContract('dynamodb', make);
durableErasedOwnersContract('dynamodb', make);
sharedErasedOwnersContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb erased owners', make);

test('the table is told when an item is not needed any more', async ({ store, under }) => {
  valueOf(await store.remember('c'.repeat(64) as ErasureMark, 1000, 2500));
  assert.equal(await under.scan(), [
    { pk: `ERASED#${'c'.repeat(64)}`, sk: 'ERASED', kind: 'erased', until_ms: 2500, ttl: 3 },
  ]);
});

run();
