import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { claimJob, runJob } from '../../../core/analysis/run-next-job.ts';
import { eraseAccount } from '../../../core/account/erase-account.ts';
import { takeBackUpload } from '../../../core/account/take-back-upload.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { ADA, BOB, memoryWorld, readerOf, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, WATCH } from '../sample-columns.ts';
import { contentOf } from './account-content.ts';
import { fillAccount } from './full-account.ts';

const takingBack = suite('taking back what was made of an upload that is gone');

const steps = columnsOf(
  'step_count',
  Array.from({ length: 48 }, (_, hour) => ({ startMs: hour * 3_600_000, value: 5, source: WATCH })),
);

takingBack('an upload that is there keeps everything', async () => {
  const world = memoryWorld();
  const { uploads } = await fillAccount(world, ADA, 'ada');
  const before = await contentOf(world, ADA, uploads);
  for (const { processingId: upload } of uploads) {
    assert.is(valueOf(await takeBackUpload(world)({ owner: ADA, upload })), 'kept');
  }
  assert.equal(await contentOf(world, ADA, uploads), before);
});

takingBack('of an upload that is gone nothing stays but what others brought too', async () => {
  const world = memoryWorld();
  const { uploads } = await fillAccount(world, ADA, 'ada');
  await fillAccount(world, BOB, 'bob');
  const bob = await contentOf(world, BOB, []);
  const gone = uploads[0]!.processingId;
  valueOf(await world.uploads.delete(ADA, gone));
  assert.is(valueOf(await takeBackUpload(world)({ owner: ADA, upload: gone })), 'taken-back');
  assert.equal(valueOf(await world.analyses.listForUpload(ADA, gone)), []);
  const chunks = valueOf(await world.samples.chunks(ADA, null, 100));
  assert.ok(chunks.length > 0);
  assert.ok(chunks.every((chunk) => !chunk.uploads.includes(gone)));
  assert.equal(await contentOf(world, BOB, []), bob);
});

takingBack('a store that does not answer is told', async () => {
  const world = memoryWorld();
  const fault = portUnavailable('planted', 'get', 'gone');
  const command = { owner: ADA, upload: (await fillAccount(world, ADA, 'ada')).uploads[0]!.processingId };
  const uploads = { get: () => errAsync(fault) };
  assert.equal(errorOf(await takeBackUpload({ ...world, uploads })(command)), fault);
  valueOf(await world.uploads.delete(ADA, command.upload));
  const samples = { deleteUpload: () => errAsync(fault) };
  assert.equal(errorOf(await takeBackUpload({ ...world, samples })(command)), fault);
});

/** The worlds in which the whole of an erasure falls right before or after one write of the running job. */
const MOMENTS: readonly (readonly [string, (world: World, erase: () => Promise<unknown>) => Partial<World>])[] = [
  [
    'before samples are written',
    ({ samples }, erase) => ({
      samples: replacing(samples, {
        append: (...args) => waited(erase).andThen(() => samples.append(...args)),
      }),
    }),
  ],
  [
    'after samples are written',
    ({ samples }, erase) => ({
      samples: replacing(samples, {
        append: (...args) => samples.append(...args).andThen((counts) => waited(erase).map(() => counts)),
      }),
    }),
  ],
  [
    'before analyses are written',
    ({ analyses }, erase) => ({
      analyses: replacing(analyses, {
        replaceForUpload: (...args) => waited(erase).andThen(() => analyses.replaceForUpload(...args)),
      }),
    }),
  ],
  [
    'after analyses are written',
    ({ analyses }, erase) => ({
      analyses: replacing(analyses, {
        replaceForUpload: (...args) => analyses.replaceForUpload(...args).andThen(() => waited(erase)),
      }),
    }),
  ],
];

const waited = (erase: () => Promise<unknown>) => ResultAsync.fromSafePromise(erase()).map(() => undefined);

for (const [moment, at] of MOMENTS) {
  takingBack(`a person who is erased ${moment} by a running job does not come back`, async () => {
    const world = memoryWorld({ exports: readerOf([steps]) });
    const { uploads } = await fillAccount(world, ADA, 'ada');
    let erased = false;
    const erase = async (): Promise<void> => {
      if (erased) return;
      erased = true;
      valueOf(await eraseAccount({ ...world, identities: { eraseAccount: () => okAsync(undefined) } })(ADA));
    };
    const job = valueOf(await claimJob(world));
    if (job === null) throw new Error('the first upload still waits for its analysis');
    assert.equal([job.owner, job.upload], [ADA, uploads[0]!.processingId]);
    valueOf(await runJob({ ...world, ...at(world, erase) })(job));
    assert.ok(erased);
    const nothing = { uploads: [], objects: [], metrics: [], chunks: [], analyses: [], insights: [] };
    assert.equal(await contentOf(world, ADA, uploads), nothing);
  });
}

takingBack.run();
