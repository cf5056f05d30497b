import { SqlAuditPseudonyms } from '../../../adapters/sql/audit-pseudonyms.ts';
import { SqlAuditStore } from '../../../adapters/sql/audit-store.ts';
import { auditPseudonymsContract, sharedAuditPseudonymsContract } from '../../contracts/audit-pseudonyms.contract.ts';
import {
  auditStoreContract,
  durableAuditStoreContract,
  sharedAuditStoreContract,
} from '../../contracts/audit-store.contract.ts';
import { storeOver, twoStoresOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlAuditStore(database));

auditStoreContract('sql', make);
durableAuditStoreContract('sql', make);
sharedAuditStoreContract(
  'sql',
  twoStoresOver((database) => new SqlAuditStore(database)),
);
auditPseudonymsContract(
  'sql',
  storeOver((database) => new SqlAuditPseudonyms(database)),
);
sharedAuditPseudonymsContract(
  'sql',
  twoStoresOver((database) => new SqlAuditPseudonyms(database)),
);
