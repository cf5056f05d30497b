import { okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryUploadStore } from '../../../adapters/memory/upload-store.ts';
import { TellingUploads } from '../../../core/events/telling-uploads.ts';
import type { OwnerEventDraft } from '../../../core/events/model.ts';
import { NO_COUNTS, type Upload, type UploadChange } from '../../../core/health-data/model.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { uploadStoreContract } from '../../contracts/upload-store.contract.ts';
import { ADA, NOW_MS } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

uploadStoreContract('telling', async () => ({
  store: new TellingUploads(new MemoryUploadStore(), () => okAsync(undefined)),
  close: async () => undefined,
}));

const upload = (id: string): Upload => ({
  owner: ADA,
  processingId: processingId(id),
  kind: 'healthkit-export',
  status: 'received',
  createdAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
  uploadSource: 'apple_health',
  raw: null,
  timezone: null,
  syncToken: null,
  progress: 0,
  message: 'Received.',
  counts: NO_COUNTS,
  failure: null,
});

function watched(store = new MemoryUploadStore()) {
  const told: (readonly [UserId, OwnerEventDraft])[] = [];
  const uploads = new TellingUploads(store, (owner, event) => {
    told.push([owner, event]);
    return okAsync(undefined);
  });
  const change = async (changes: UploadChange, id = 'a') =>
    valueOf(await uploads.change(ADA, processingId(id), changes, NOW_MS + 1));
  const said = () => told.map(([, { type, data }]) => [type, data['status'], data['progress']]);
  return { store, uploads, told, change, said };
}

test('another status is told with how far the work is', async () => {
  const { uploads, told, change } = watched();
  valueOf(await uploads.insert(upload('a')));
  await change({ status: 'processing', message: 'Reading.' });
  assert.equal(told, [
    [
      ADA,
      {
        type: 'processing.updated',
        atMs: NOW_MS + 1,
        upload: 'a',
        subject: 'a',
        data: { status: 'processing', progress: 0, message: 'Reading.' },
      },
    ],
  ]);
});

test('progress is told in steps of 5 %, and a change of nothing that matters is not told', async () => {
  const { uploads, change, said } = watched();
  valueOf(await uploads.insert(upload('a')));
  await change({ status: 'received', message: 'Still there.' });
  for (const progress of [0.01, 0.049, 0.05, 0.07, 0.1, 0.3, 0.31]) await change({ progress });
  await change({ counts: NO_COUNTS });
  assert.equal(said(), [
    ['processing.updated', 'received', 0.05],
    ['processing.updated', 'received', 0.1],
    ['processing.updated', 'received', 0.3],
  ]);
});

test('the end of the work is told by a type of its own, a failure with its reason', async () => {
  const { uploads, change, told, said } = watched();
  for (const id of ['a', 'b']) valueOf(await uploads.insert(upload(id)));
  await change({ status: 'completed', progress: 1 });
  await change({ progress: 1, message: 'Once more.' });
  await change({ status: 'failed', failure: { code: 'gave-up', reason: 'It ended.' } }, 'b');
  assert.equal(said(), [
    ['processing.completed', 'completed', 1],
    ['processing.failed', 'failed', 0],
  ]);
  const { code, reason } = told[1]![1].data;
  assert.equal([code, reason], ['gave-up', 'It ended.']);
});

test('of an upload that this process did not see before, the first change is told', async () => {
  const { store, change, said } = watched();
  valueOf(await store.insert(upload('a')));
  await change({ progress: 0.01 });
  await change({ progress: 0.02 });
  assert.is(said().length, 1);
});

test('only so many uploads are remembered, those that were told of last', async () => {
  const { uploads, change, said } = watched();
  for (let i = 0; i <= 1000; i++) valueOf(await uploads.insert(upload(String(i))));
  await change({ message: 'Known.' }, '1000');
  assert.equal(said(), []);
  await change({ message: 'Pushed out.' }, '0');
  assert.is(said().length, 1);
});

test('what the store does not do is not told', async () => {
  const { uploads, told } = watched();
  assert.is(errorOf(await uploads.change(ADA, processingId('a'), { status: 'failed' }, NOW_MS)).kind, 'not-found');
  assert.equal(told, []);
});

test.run();
