import { SqlFailedJobs } from '../../../adapters/sql/failed-jobs.ts';
import {
  durableFailedJobsContract,
  failedJobsContract,
  sharedFailedJobsContract,
} from '../../contracts/failed-jobs.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlFailedJobs(database));

failedJobsContract('sql', make);
durableFailedJobsContract('sql', make);
sharedFailedJobsContract(
  'sql',
  twoStoresOver((database) => new SqlFailedJobs(database)),
);
