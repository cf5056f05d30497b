import { SqlSecondFactorStore } from '../../../adapters/sql/second-factor-store.ts';
import {
  durableSecondFactorStoreContract,
  secondFactorStoreContract,
  sharedSecondFactorStoreContract,
} from '../../contracts/second-factor-store.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlSecondFactorStore(database));

secondFactorStoreContract('sql', make);
durableSecondFactorStoreContract('sql', make);
sharedSecondFactorStoreContract(
  'sql',
  twoStoresOver((database) => new SqlSecondFactorStore(database)),
);
