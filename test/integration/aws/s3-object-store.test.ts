import { durableObjectStoreContract, objectStoreContract } from '../../contracts/object-store.contract.ts';
import { makeObjectStore } from '../../emulators/object-stores.ts';

objectStoreContract('S3', makeObjectStore, { runs: 8 });
durableObjectStoreContract('S3', makeObjectStore);
