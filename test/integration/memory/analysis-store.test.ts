import { MemoryAnalysisStore } from '../../../adapters/memory/analysis-store.ts';
import { analysisStoreContract } from '../../contracts/analysis-store.contract.ts';

analysisStoreContract('memory', async () => ({ store: new MemoryAnalysisStore(), close: async () => undefined }));
