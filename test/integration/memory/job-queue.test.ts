import { MemoryJobQueue } from '../../../adapters/memory/job-queue.ts';
import {
  jobBacklogContract,
  jobQueueContract,
  leasedJobQueueContract,
  orderedJobQueueContract,
} from '../../contracts/job-queue.contract.ts';

const make = async () => ({ store: new MemoryJobQueue(), close: async () => undefined });

jobQueueContract('memory', make);
leasedJobQueueContract('memory', make);
orderedJobQueueContract('memory', make);
jobBacklogContract('memory', make);
