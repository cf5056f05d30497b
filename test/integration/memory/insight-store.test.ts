import { MemoryInsightStore } from '../../../adapters/memory/insight-store.ts';
import { insightStoreContract } from '../../contracts/insight-store.contract.ts';

insightStoreContract('memory', async () => ({ store: new MemoryInsightStore(), close: async () => undefined }));
