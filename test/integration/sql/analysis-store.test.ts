import { SqlAnalysisStore } from '../../../adapters/sql/analysis-store.ts';
import { durableAnalysisStoreContract, analysisStoreContract } from '../../contracts/analysis-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlAnalysisStore(database));

analysisStoreContract('sql', make);
durableAnalysisStoreContract('sql', make);
