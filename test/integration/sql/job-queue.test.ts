import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import {
  durableJobQueueContract,
  jobBacklogContract,
  jobQueueContract,
  leasedJobQueueContract,
  orderedJobQueueContract,
} from '../../contracts/job-queue.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlJobQueue(database));

jobQueueContract('sql', make);
leasedJobQueueContract('sql', make);
orderedJobQueueContract('sql', make);
durableJobQueueContract('sql', make);
jobBacklogContract('sql', make);
