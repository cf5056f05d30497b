import {
  durableJobQueueContract,
  jobQueueContract,
  leasedJobQueueContract,
} from '../../contracts/job-queue.contract.ts';
import { givenEndpoint } from '../../emulators/emulators.ts';
import { makeQueues, onEmulatorClock } from '../../emulators/queues.ts';

jobQueueContract('SQS', async () => {
  const queues = await makeQueues();
  return { store: queues.open(), close: queues.close };
});

// Leases end when SQS's own clock says so, and nobody can set that of a given endpoint.
if (givenEndpoint('sqs') === null) {
  const make = async () => {
    const queues = await makeQueues();
    const open = () => onEmulatorClock(queues.open(), queues.setClock);
    return { store: open(), reopen: async () => open(), close: queues.close };
  };
  leasedJobQueueContract('SQS', make);
  durableJobQueueContract('SQS', make);
}
