import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { auditMutations } from '../bench/audit-mutations.ts';

const test = suite('changes to an audit log');

const MUTATIONS = 1000;
const SEED = Number(process.env['AUDIT_SEED'] ?? 20_250_310);

test(`every one of ${String(MUTATIONS)} random changes is found, and its place is named (seed ${String(SEED)})`, async () => {
  assert.equal(await auditMutations(MUTATIONS, SEED), { cases: MUTATIONS, missed: [] });
});

test('a log that nobody has touched is without a fault', async () => {
  assert.equal(await auditMutations(0, SEED), { cases: 0, missed: [] });
});

test.run();
