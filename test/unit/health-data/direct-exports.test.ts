import { createHash } from 'node:crypto';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NoDirectUploads } from '../../../adapters/memory/direct-uploads.ts';
import { MemoryObjectStore } from '../../../adapters/memory/object-store.ts';
import { completeDirectExport } from '../../../core/health-data/complete-direct-export.ts';
import { presignExport, type PresignedExport } from '../../../core/health-data/presign-export.ts';
import type { DirectUpload, DirectUploads, ExpectedObject } from '../../../core/health-data/ports.ts';
import { retryProcessing, STALLED_AFTER_MS } from '../../../core/health-data/retry-processing.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import { notFound, portUnavailable, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

/** A store in memory to which a client can send: what it sent is an object once it was looked at. */
class ReachableStore extends MemoryObjectStore implements DirectUploads {
  readonly sent = new Map<string, Uint8Array>();
  readonly granted: string[] = [];
  arrivals = 0;

  grant(_owner: UserId, key: string, _expected: ExpectedObject, nowMs: number): ResultAsync<DirectUpload, never> {
    this.granted.push(key);
    return okAsync({ method: 'PUT', url: `https://store/${key}`, headers: { a: 'b' }, expiresAtMs: nowMs + 1 });
  }

  arrived(
    owner: UserId,
    key: string,
    expected: ExpectedObject,
  ): ResultAsync<ExpectedObject, NotFound | PortUnavailable> {
    this.arrivals += 1;
    const content = this.sent.get(key);
    if (content?.length !== expected.bytes) return errAsync(notFound('object', key));
    async function* once(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(content as Uint8Array);
    }
    return this.put(owner, key, once(), expected.bytes).mapErr((error) =>
      portUnavailable('ObjectStore', 'put', error.kind),
    );
  }
}

const ZIP = Buffer.from('PK, and the rest of an archive that is longer than what is looked at of it in the beginning');

const expectedOf = (content: Uint8Array): ExpectedObject => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

interface Scene {
  readonly world: World & { readonly directUploads: DirectUploads; readonly wallClock: Clock };
  readonly store: ReachableStore;
  readonly presign: (content?: Uint8Array) => Promise<PresignedExport>;
  readonly send: (presigned: PresignedExport, content: Uint8Array) => void;
}

function sceneWith(replaced: Partial<World> = {}): Scene {
  const store = new ReachableStore();
  const worldOfMemory = memoryWorld({ objects: store, ...replaced });
  const world = { ...worldOfMemory, directUploads: store, wallClock: worldOfMemory.clock };
  return {
    world,
    store,
    presign: async (content = ZIP) =>
      valueOf(
        await presignExport(world)({
          owner: ADA,
          expected: expectedOf(content),
          format: 'zip',
          limitBytes: 1000,
          timezone: 'Europe/Berlin',
        }),
      ),
    send: ({ upload }, content) => {
      store.sent.set(upload.raw!.key, content);
    },
  };
}

const complete = ({ world }: Scene, { upload }: PresignedExport, owner = ADA) =>
  completeDirectExport(world)({ owner, processingId: upload.processingId });

const jobs = async ({ world }: Scene): Promise<number> => {
  let count = 0;
  while (valueOf(await world.queue.claim(NOW_MS, 1000)) !== null) count++;
  return count;
};

const exports = suite('exports sent to the store itself');

exports('the upload is there from the announcement on, and waits for its file', async () => {
  const scene = sceneWith();
  const { upload, request } = await scene.presign();
  const key = `uploads/2025/03/03/${ADA}/${upload.processingId}.zip`;
  assert.equal(scene.store.granted, [key]);
  assert.equal(request, { method: 'PUT', url: `https://store/${key}`, headers: { a: 'b' }, expiresAtMs: NOW_MS + 1 });
  const found = valueOf(await scene.world.uploads.get(ADA, upload.processingId));
  assert.equal(found, upload);
  assert.equal(found.raw, { key, ...expectedOf(ZIP) });
  assert.equal([found.kind, found.status, found.timezone], ['healthkit-export', 'received', 'Europe/Berlin']);
  assert.match(found.message, 'Waiting for the file');
  assert.is(await jobs(scene), 0);
});

exports('more than the limit is refused, and so is what no one request carries; nothing is granted', async () => {
  const scene = sceneWith();
  const announce = async (bytes: number, limitBytes: number) =>
    presignExport(scene.world)({
      owner: ADA,
      expected: { bytes, sha256: 'ab'.repeat(32) },
      format: 'xml',
      limitBytes,
      timezone: null,
    });
  assert.equal(errorOf(await announce(1001, 1000)), { kind: 'object-too-large', limitBytes: 1000 });
  assert.equal(errorOf(await announce(6e9, 1e12)), { kind: 'object-too-large', limitBytes: 5_368_709_120 });
  assert.ok((await announce(1000, 1000)).isOk());
  assert.is(scene.store.granted.length, 1);
});

exports('where nothing can be sent there is no upload either', async () => {
  const memory = memoryWorld();
  const world = { ...memory, directUploads: new NoDirectUploads(), wallClock: memory.clock };
  const command = { owner: ADA, expected: expectedOf(ZIP), format: 'zip', limitBytes: 1000, timezone: null } as const;
  assert.equal(errorOf(await presignExport(world)(command)), { kind: 'direct-upload-unavailable' });
  assert.equal(valueOf(await world.uploads.list(ADA, 10)), []);
});

exports('a file that was sent is queued, once, however often its arrival is told', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  scene.send(presigned, ZIP);
  const first = valueOf(await complete(scene, presigned));
  assert.is(first.status, 'processing');
  assert.match(first.message, 'its import is queued');
  assert.equal(valueOf(await complete(scene, presigned)), first);
  assert.is(await jobs(scene), 1);
  assert.is(scene.store.arrivals, 1);
});

exports('where the job was lost between the two writes, telling once more of the arrival queues it', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  scene.send(presigned, ZIP);
  const enqueuing = new Promise<void>((reached) => {
    const queue = replacing(scene.world.queue, {
      enqueue: () => {
        reached();
        return new ResultAsync<void, PortUnavailable>(new Promise(() => undefined));
      },
    });
    void complete({ ...scene, world: { ...scene.world, queue } }, presigned);
  });
  await enqueuing;
  const marked = valueOf(await scene.world.uploads.get(ADA, presigned.upload.processingId));
  assert.is(marked.status, 'processing');
  scene.world.clock.nowMs += 5;
  assert.equal(valueOf(await complete(scene, presigned)), marked);
  assert.equal(valueOf(await complete(scene, presigned)), marked);
  assert.is(await jobs(scene), 1);
});

exports('a request is granted as of now, also where the call that asks for it began long ago', async () => {
  const scene = sceneWith();
  const wallClock = { now: () => NOW_MS + 80_000_000 };
  const { request, upload } = valueOf(
    await presignExport({ ...scene.world, wallClock })({
      owner: ADA,
      expected: expectedOf(ZIP),
      format: 'zip',
      limitBytes: 1000,
      timezone: null,
    }),
  );
  assert.equal([request.expiresAtMs, upload.createdAtMs], [NOW_MS + 80_000_001, NOW_MS]);
});

exports('a file that was not sent, or not whole, is waited for on', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  assert.equal(errorOf(await complete(scene, presigned)), { kind: 'not-uploaded' });
  scene.send(presigned, ZIP.subarray(1));
  assert.equal(errorOf(await complete(scene, presigned)), { kind: 'not-uploaded' });
  assert.is(await jobs(scene), 0);
  scene.send(presigned, ZIP);
  assert.is(valueOf(await complete(scene, presigned)).status, 'processing');
});

exports(
  'a file that cannot be an export fails the upload, each time with the same words, and is not kept',
  async () => {
    const scene = sceneWith();
    const content = Buffer.from('timestamp,count');
    const presigned = await scene.presign(content);
    scene.send(presigned, content);
    const refused = errorOf(await complete(scene, presigned));
    assert.equal(refused.kind === 'export-unreadable' && refused.code, 'not-an-export');
    assert.equal(errorOf(await complete(scene, presigned)), refused);
    const upload = valueOf(await scene.world.uploads.get(ADA, presigned.upload.processingId));
    assert.equal([upload.status, upload.failure?.code, upload.raw], ['failed', 'not-an-export', null]);
    assert.equal(valueOf(await scene.store.list(ADA)), []);
    assert.is(await jobs(scene), 0);
  },
);

exports('what somebody had tried before there was a file can still be completed', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  const { processingId: id } = presigned.upload;
  scene.world.clock.nowMs += STALLED_AFTER_MS;
  valueOf(await retryProcessing(scene.world)({ owner: ADA, processingId: id }));
  valueOf(await scene.world.uploads.change(ADA, id, { status: 'failed' }, NOW_MS));
  assert.equal(errorOf(await complete(scene, presigned)), { kind: 'not-uploaded' });
  scene.send(presigned, ZIP);
  assert.is(valueOf(await complete(scene, presigned)).status, 'processing');
});

exports('an import that failed stays failed: it is retried, not completed', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  scene.send(presigned, ZIP);
  valueOf(await complete(scene, presigned));
  valueOf(await scene.world.uploads.change(ADA, presigned.upload.processingId, { status: 'failed' }, NOW_MS));
  assert.is(valueOf(await complete(scene, presigned)).status, 'failed');
  assert.is(await jobs(scene), 1);
});

exports("another owner's upload, another kind of upload and none are the same answer", async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  scene.send(presigned, ZIP);
  assert.is(errorOf(await complete(scene, presigned, BOB)).kind, 'not-found');
  const other = { ...presigned.upload, processingId: processingId('other'), kind: 'healthkit' } as const;
  valueOf(await scene.world.uploads.insert(other));
  assert.is(errorOf(await complete(scene, { ...presigned, upload: other })).kind, 'not-found');
  const none = { ...presigned.upload, processingId: processingId('none') };
  assert.is(errorOf(await complete(scene, { ...presigned, upload: none })).kind, 'not-found');
});

exports('an upload without a file, such as one that failed for it, is answered as it is', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  valueOf(await scene.world.uploads.change(ADA, presigned.upload.processingId, { raw: null }, NOW_MS));
  assert.is(valueOf(await complete(scene, presigned)).raw, null);
});

exports('a store that does not answer is unavailable, and nothing is queued', async () => {
  const scene = sceneWith();
  const presigned = await scene.presign();
  scene.send(presigned, ZIP);
  scene.store.open = () => errAsync(portUnavailable('ObjectStore', 'open', 'gone'));
  assert.is(errorOf(await complete(scene, presigned)).kind, 'port-unavailable');
  scene.store.open = (_owner, key) => errAsync(notFound('object', key));
  assert.is(errorOf(await complete(scene, presigned)).kind, 'port-unavailable');
  scene.store.open = () =>
    okAsync({
      sizeBytes: ZIP.length,
      async *stream() {
        yield await Promise.reject<Uint8Array>(new Error('the connection broke'));
      },
    });
  assert.is(errorOf(await complete(scene, presigned)).kind, 'port-unavailable');
  assert.is(await jobs(scene), 0);
});

exports('what is announced counts from the announcement on, and its work from when it is there', async () => {
  const scene = sceneWith({ quota: { mostStoredBytes: ZIP.length + 1, mostRunning: 1 } });
  const presigned = await scene.presign();
  const command = { owner: ADA, expected: expectedOf(ZIP), format: 'zip', limitBytes: 1000, timezone: null } as const;
  assert.equal(errorOf(await presignExport(scene.world)(command)), {
    kind: 'storage-quota-exceeded',
    usedBytes: ZIP.length,
    limitBytes: ZIP.length + 1,
    requestBytes: ZIP.length,
  });
  assert.is(scene.store.granted.length, 1);
  scene.send(presigned, ZIP);
  const other = { ...presigned.upload, processingId: processingId('other'), status: 'processing', raw: null } as const;
  valueOf(await scene.world.uploads.insert(other));
  assert.is(errorOf(await complete(scene, presigned)).kind, 'too-many-running-jobs');
  assert.is(await jobs(scene), 0);
  valueOf(await scene.world.uploads.delete(ADA, other.processingId));
  assert.is(valueOf(await complete(scene, presigned)).status, 'processing');
  assert.is(valueOf(await complete(scene, presigned)).status, 'processing', 'asked again');
});

exports.run();
