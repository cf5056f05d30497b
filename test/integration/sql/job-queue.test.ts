import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import { durableJobQueueContract, jobQueueContract } from '../../contracts/job-queue.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlJobQueue(database));

jobQueueContract('sql', make);
durableJobQueueContract('sql', make);
