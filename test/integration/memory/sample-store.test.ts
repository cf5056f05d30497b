import { MemorySampleStore } from '../../../adapters/memory/sample-store.ts';
import { atomicSampleStoreContract, sampleStoreContract } from '../../contracts/sample-store.contract.ts';

const make = async () => ({ store: new MemorySampleStore(), close: async () => undefined });

sampleStoreContract('memory', make);
atomicSampleStoreContract('memory', make);
