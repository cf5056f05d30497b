import { SqlSampleStore } from '../../../adapters/sql/sample-store.ts';
import {
  atomicSampleStoreContract,
  durableSampleStoreContract,
  sampleStoreContract,
} from '../../contracts/sample-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlSampleStore(database));

sampleStoreContract('sql', make);
atomicSampleStoreContract('sql', make);
durableSampleStoreContract('sql', make);
