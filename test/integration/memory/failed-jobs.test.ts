import { MemoryFailedJobs } from '../../../adapters/memory/failed-jobs.ts';
import { failedJobsContract, sharedFailedJobsContract } from '../../contracts/failed-jobs.contract.ts';

failedJobsContract('memory', async () => ({ store: new MemoryFailedJobs(), close: async () => undefined }));
sharedFailedJobsContract('memory', async () => {
  const store = new MemoryFailedJobs();
  return { store, other: store, close: async () => undefined };
});
