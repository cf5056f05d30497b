import { SqlAccountStore } from '../../../adapters/sql/account-store.ts';
import { durableAccountStoreContract, accountStoreContract } from '../../contracts/account-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlAccountStore(database));

accountStoreContract('sql', make);
durableAccountStoreContract('sql', make);
