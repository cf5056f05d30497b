import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/upload-store.ts';
import type { StoresUnderModel } from './modelled-port.ts';

/** Stores in memory. They end with their process, so no process dies here between two writes. */
export function memoryStores(): Promise<StoresUnderModel> {
  const stores = {
    samples: new MemorySampleStore(),
    metrics: new MemoryMetricStore(),
    uploads: new MemoryUploadStore(),
  };
  return Promise.resolve({
    processes: [stores, stores],
    startDying: () => Promise.resolve({ stores, died: () => false, end: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  });
}
