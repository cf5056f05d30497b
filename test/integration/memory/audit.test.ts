import { MemoryAuditPseudonyms } from '../../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../../adapters/memory/audit-store.ts';
import { auditPseudonymsContract } from '../../contracts/audit-pseudonyms.contract.ts';
import { auditStoreContract, sharedAuditStoreContract } from '../../contracts/audit-store.contract.ts';

const close = (): Promise<void> => Promise.resolve();

auditStoreContract('memory', () => Promise.resolve({ store: new MemoryAuditStore(), close }));
sharedAuditStoreContract('memory', () => {
  const store = new MemoryAuditStore();
  return Promise.resolve({ store, other: store, close });
});
auditPseudonymsContract('memory', () => Promise.resolve({ store: new MemoryAuditPseudonyms(), close }));
