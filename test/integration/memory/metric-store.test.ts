import { MemoryMetricStore } from '../../../adapters/memory/metric-store.ts';
import { metricStoreContract } from '../../contracts/metric-store.contract.ts';

metricStoreContract('memory', async () => ({ store: new MemoryMetricStore(), close: async () => undefined }));
