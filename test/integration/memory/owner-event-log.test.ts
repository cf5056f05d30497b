import { MemoryOwnerEventLog } from '../../../adapters/memory/owner-event-log.ts';
import { ownerEventLogContract } from '../../contracts/owner-event-log.contract.ts';

ownerEventLogContract('memory', async () => ({ store: new MemoryOwnerEventLog(), close: async () => undefined }));
