import { SqlConsentStore } from '../../../adapters/sql/consent-store.ts';
import {
  consentStoreContract,
  durableConsentStoreContract,
  sharedConsentStoreContract,
} from '../../contracts/consent-store.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlConsentStore(database));

consentStoreContract('sql', make);
durableConsentStoreContract('sql', make);
sharedConsentStoreContract(
  'sql',
  twoStoresOver((database) => new SqlConsentStore(database)),
);
