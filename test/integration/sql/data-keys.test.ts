import { SqlDataKeys } from '../../../adapters/sql/data-keys.ts';
import {
  dataKeysContract,
  durableDataKeysContract,
  sharedDataKeysContract,
} from '../../contracts/data-keys.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlDataKeys(database));

dataKeysContract('sql', make);
durableDataKeysContract('sql', make);
sharedDataKeysContract(
  'sql',
  twoStoresOver((database) => new SqlDataKeys(database)),
);
