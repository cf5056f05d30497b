import { DynamoDataKeys } from '../../../adapters/aws/dynamodb/data-keys.ts';
import type { DataKeys } from '../../../core/encryption/ports.ts';
import {
  dataKeysContract,
  durableDataKeysContract,
  sharedDataKeysContract,
} from '../../contracts/data-keys.contract.ts';
import { makeTable } from '../../emulators/tables.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): DataKeys => new DynamoDataKeys(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

dataKeysContract('dynamodb', make);
durableDataKeysContract('dynamodb', make);
sharedDataKeysContract('dynamodb', make);
