import { MemoryJobQueue } from '../../../adapters/memory/job-queue.ts';
import { jobQueueContract } from '../../contracts/job-queue.contract.ts';

jobQueueContract('memory', async () => ({ store: new MemoryJobQueue(), close: async () => undefined }));
