import { SqlAccountStore } from '../../../adapters/sql/account-store.ts';
import {
  accountStoreContract,
  durableAccountStoreContract,
  sharedAccountStoreContract,
} from '../../contracts/account-store.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlAccountStore(database));

accountStoreContract('sql', make);
durableAccountStoreContract('sql', make);
sharedAccountStoreContract(
  'sql',
  twoStoresOver((database) => new SqlAccountStore(database)),
);
