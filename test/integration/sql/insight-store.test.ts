import { SqlInsightStore } from '../../../adapters/sql/insight-store.ts';
import { durableInsightStoreContract, insightStoreContract } from '../../contracts/insight-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlInsightStore(database));

insightStoreContract('sql', make);
durableInsightStoreContract('sql', make);
