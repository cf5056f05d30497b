import * as assert from 'uvu/assert';
import { DynamoAuditKey } from '../../../adapters/aws/dynamodb/audit-key.ts';
import { DynamoAuditPseudonyms } from '../../../adapters/aws/dynamodb/audit-pseudonyms.ts';
import { DynamoAuditStore } from '../../../adapters/aws/dynamodb/audit-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { verifyAudit } from '../../../core/audit/verify-audit.ts';
import { auditPseudonymsContract, sharedAuditPseudonymsContract } from '../../contracts/audit-pseudonyms.contract.ts';
import {
  auditStoreContract,
  durableAuditStoreContract,
  sharedAuditStoreContract,
} from '../../contracts/audit-store.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { auditEvent, headSigner, trailOver } from '../../unit/audit-events.ts';
import { valueOf } from '../../unit/result-values.ts';
import { tableOfAFile } from './table-of-a-file.ts';

const shared = tableOfAFile();

const makeStore = async () => {
  const { table, another } = await shared.use();
  return {
    store: new DynamoAuditStore(table),
    other: new DynamoAuditStore((await shared.processes())[0]!),
    reopen: () => Promise.resolve(new DynamoAuditStore(another())),
    close: shared.empty,
  };
};
const makePseudonyms = async () => ({
  store: new DynamoAuditPseudonyms((await shared.use()).table),
  other: new DynamoAuditPseudonyms((await shared.processes())[0]!),
  close: shared.empty,
});

auditStoreContract('dynamodb', makeStore);
durableAuditStoreContract('dynamodb', makeStore);
sharedAuditStoreContract('dynamodb', makeStore);
auditPseudonymsContract('dynamodb', makePseudonyms);
sharedAuditPseudonymsContract('dynamodb', makePseudonyms);

const { test, run } = suiteOver('the audit log in the single table', async () => {
  const under = await shared.use();
  return { under, store: new DynamoAuditStore(under.table), close: shared.empty };
});

test('an entry has its number in its key, and its subject points to it', async ({ store, under }) => {
  const trail = trailOver(store, headSigner());
  for (const id of ['1', '2']) valueOf(await trail.record(auditEvent(id)));
  const keys = (await under.scan()).map(({ pk, sk }) => `${pk} ${sk}`).toSorted();
  assert.equal(keys, [
    'AUDIT END',
    'AUDIT#2025-03-10 000000000001',
    `AUDITSUBJECT#${String(auditEvent('').subject)} 2025-03-10#000000000001`,
  ]);
});

test('an entry that was changed where it stays, or in the end, is found', async ({ store, under }) => {
  const signer = headSigner();
  const trail = trailOver(store, signer);
  for (const id of ['1', '2', '3']) valueOf(await trail.record(auditEvent(id)));
  const verify = async () => {
    const verdict = await verifyAudit({ auditStore: store, signer, digest: nodeDigest })({ from: null, to: null });
    return valueOf(verdict).faults;
  };
  assert.equal(await verify(), []);
  const change = async (pk: string, changed: (item: Record<string, unknown>) => object): Promise<void> => {
    const item = (await under.scan()).find((one) => one.pk === pk)!;
    await under.table.put({ ...item, ...changed(item) });
  };
  await change('AUDIT', ({ tail }) => ({
    tail: (tail as { text: string }[]).map((entry) => ({ ...entry, text: entry.text.replace('done', 'none') })),
  }));
  assert.equal(await verify(), [{ kind: 'altered', day: '2025-03-10', number: 3 }]);
  await change('AUDIT#2025-03-10', ({ text }) => ({ text: String(text).replace('done', 'none') }));
  assert.is((await verify()).length, 2);
});

test('all processes sign with the key that the first has made', async ({ under }) => {
  const keys = await Promise.all(
    (await shared.processes()).map((table, i) =>
      new DynamoAuditKey(table).loadOrCreate(() => Promise.resolve(`key ${String(i)}`)),
    ),
  );
  const kept = valueOf(await new DynamoAuditKey(under.table).loadOrCreate(() => Promise.resolve('another')));
  assert.equal([...new Set(keys.map((key) => valueOf(key)))], [kept]);
});

run();
shared.removeAtTheEnd();
