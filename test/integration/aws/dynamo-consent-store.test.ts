import * as assert from 'uvu/assert';
import { consentId, type Consent, type EmergencyAccess } from '../../../core/consent/model.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { valueOf } from '../../unit/result-values.ts';
import { endingBefore, InterruptedTable } from './interrupted-table.ts';
import { DynamoConsentStore } from '../../../adapters/aws/dynamodb/consent-store.ts';
import type { ConsentStore } from '../../../core/consent/ports.ts';
import {
  consentStoreContract,
  durableConsentStoreContract,
  sharedConsentStoreContract,
} from '../../contracts/consent-store.contract.ts';
import { makeTable } from '../../emulators/tables.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): ConsentStore => new DynamoConsentStore(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

consentStoreContract('dynamodb', make);
durableConsentStoreContract('dynamodb', make);
sharedConsentStoreContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb consent store', make);

const [ADA, DOC] = [userId('ada'), userId('doc')];

const consent: Consent = {
  patient: ADA,
  consentId: consentId('c'),
  grantee: DOC,
  purpose: 'care',
  dataTypes: ['heart_rate'],
  createdAtMs: 1,
  endsAtMs: 9,
  revokedAtMs: null,
};
const access: EmergencyAccess = {
  patient: ADA,
  accessId: 'e',
  clinician: DOC,
  reason: 'a reason of a few words',
  openedAtMs: 1,
  endsAtMs: 2,
};

test('items have the keys that they are documented with', async ({ store, under }) => {
  valueOf(await store.insert(consent));
  valueOf(await store.insertEmergency(access));
  assert.equal((await under.scan()).map(({ pk, sk }) => `${pk} ${sk}`).sort(), [
    'USER#ada CONSENT#c',
    'USER#ada EMERGENCY#e',
    'USER#doc CONSENTFOR#USER%23ada CONSENT%23c',
    'USER#doc OPENED#USER%23ada EMERGENCY%23e',
  ]);
});

for (const [who, left] of [
  [ADA, []],
  [DOC, ['USER#ada EMERGENCY#e']],
] as const) {
  test(`erasing ${who}, ended before any write and done again, leaves nothing of them`, async ({ store, under }) => {
    for (let writes = 0; ; writes++) {
      valueOf(await store.insert(consent));
      valueOf(await store.insertEmergency(access));
      const table = new InterruptedTable(under, endingBefore(writes));
      const isDone = (await new DynamoConsentStore(table).eraseOwner(who)).isOk();
      table.close();
      if (!isDone) valueOf(await store.eraseOwner(who));
      const items = await under.scan();
      assert.equal(
        items.map(({ pk, sk }) => `${pk} ${sk}`),
        left,
      );
      assert.not.match(JSON.stringify(items), `"${who === ADA ? 'ada' : 'doc'}"`);
      valueOf(await store.eraseOwner(ADA));
      if (isDone) {
        assert.ok(writes >= 4, 'every write was a place to end at');
        return;
      }
    }
  });
}

run();
