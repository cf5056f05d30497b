import { SqlMetricStore } from '../../../adapters/sql/metric-store.ts';
import { durableMetricStoreContract, metricStoreContract } from '../../contracts/metric-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlMetricStore(database));

metricStoreContract('sql', make);
durableMetricStoreContract('sql', make);
