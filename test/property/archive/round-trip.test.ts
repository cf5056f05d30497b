import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { compareAccounts } from '../../../core/account/compare-accounts.ts';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { dumpOf, exported, importInto } from '../../unit/archive/archive-world.ts';
import { ADA, BOB, memoryWorld, type World } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { openInstallation, withFolder } from '../../integration/account/installations.ts';
import { randomAccount, storeAccount } from './random-accounts.ts';

const roundTrip = suite('the round trip of an account through its archive');

const CAROL = userId('33333333-3333-4333-8333-333333333333');

const compare = compareAccounts({ digest: nodeDigest, streamDigest: nodeStreamDigest, progress: () => undefined });

/** An analysis as the service makes them, for documents of the published form. */
async function modelAnalysis(): Promise<AnalysisRecord> {
  const world = memoryWorld();
  const { uploads } = await fillAccount(world, BOB, 'model');
  return valueOf(await world.analyses.getForUpload(BOB, uploads[0]!.processingId));
}

async function eraseData(world: World, owner: typeof ADA): Promise<void> {
  const { uploads, objects, metrics, samples, analyses, insights } = world;
  for (const store of [uploads, objects, metrics, samples, analyses, insights]) valueOf(await store.eraseOwner(owner));
}

roundTrip(
  'any account that is exported, erased and imported is what it was, under the same id and another',
  async () => {
    const model = await modelAnalysis();
    await fc.assert(
      fc.asyncProperty(randomAccount(ADA, model), async (account) => {
        const world = memoryWorld();
        await storeAccount(world, ADA, account);
        const untouched = memoryWorld();
        await storeAccount(untouched, ADA, account);
        const before = await dumpOf(world, ADA);
        const archive = await exported(world, ADA);

        await eraseData(world, ADA);
        assert.equal(valueOf(await importInto(world, ADA, archive)).setAside, []);
        assert.equal(await dumpOf(world, ADA), before);

        assert.equal(valueOf(await importInto(world, CAROL, archive)).setAside, []);
        assert.equal(await dumpOf(world, CAROL), before);
        const proofs = [
          ...valueOf(
            await compare({ source: { stores: untouched, owner: ADA }, target: { stores: world, owner: ADA } }),
          ),
          ...valueOf(
            await compare({ source: { stores: untouched, owner: ADA }, target: { stores: world, owner: CAROL } }),
          ),
        ];
        assert.equal(
          proofs.filter(({ equal }) => !equal).map(({ kind }) => kind),
          [],
        );
      }),
      { numRuns: 40 },
    );
  },
);

roundTrip('a second import of the same archive adds nothing and changes nothing', async () => {
  const model = await modelAnalysis();
  await fc.assert(
    fc.asyncProperty(randomAccount(ADA, model), async (account) => {
      const world = memoryWorld();
      await storeAccount(world, ADA, account);
      const before = await dumpOf(world, ADA);
      const { counts, setAside } = valueOf(await importInto(world, ADA, await exported(world, ADA)));
      assert.equal(setAside, []);
      for (const { added } of Object.values(counts)) assert.is(added, 0);
      assert.equal(await dumpOf(world, ADA), before);
    }),
    { numRuns: 20 },
  );
});

roundTrip('an archive from the memory of one process becomes the same account in a database, and back', async () => {
  const model = await modelAnalysis();
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    try {
      const kept = memoryWorld(storage);
      await fc.assert(
        fc.asyncProperty(randomAccount(ADA, model), async (account) => {
          await eraseData(kept, BOB);
          const world = memoryWorld();
          await storeAccount(world, ADA, account);
          const before = await dumpOf(world, ADA);
          assert.equal(valueOf(await importInto(kept, BOB, await exported(world, ADA))).setAside, []);
          assert.equal(await dumpOf(kept, BOB), before);
          const back = memoryWorld();
          assert.equal(valueOf(await importInto(back, ADA, await exported(kept, BOB))).setAside, []);
          assert.equal(await dumpOf(back, ADA), before);
        }),
        { numRuns: 8 },
      );
    } finally {
      await storage.close();
    }
  });
});

roundTrip.run();
