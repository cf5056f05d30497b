import { SqlUploadStore } from '../../../adapters/sql/upload-store.ts';
import { durableUploadStoreContract, uploadStoreContract } from '../../contracts/upload-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlUploadStore(database));

uploadStoreContract('sql', make);
durableUploadStoreContract('sql', make);
