import { errAsync, type ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uploadSamples } from '../../../core/apple-health/upload-samples.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { uploadMetrics } from '../../../core/health-data/upload-metrics.ts';
import { NO_QUOTA, withinQuota, type QuotaExceeded, type UploadQuota } from '../../../core/health-data/upload-quota.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, bytes, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const quotas = suite('quotas');

const limited = (quota: Partial<UploadQuota>): World => memoryWorld({ quota: { ...NO_QUOTA, ...quota } });

async function kept(
  world: World,
  id: string,
  rawBytes: number,
  status: 'processing' | 'completed',
  owner: UserId = ADA,
) {
  const upload = newUpload({
    owner,
    processingId: processingId(id),
    kind: 'healthkit',
    uploadSource: 'test',
    timezone: null,
    syncToken: null,
    nowMs: world.clock.now(),
  });
  const raw = { key: id, sha256: '0', bytes: rawBytes };
  valueOf(await world.uploads.insert({ ...upload, status, raw }));
}

type Sent = ResultAsync<unknown, QuotaExceeded | PortUnavailable>;

const metricsOf = (world: World, length: number, owner: UserId = ADA): Sent =>
  uploadMetrics(world)({
    owner,
    uploadSource: 'test',
    syncToken: null,
    drafts: [],
    rejectedEarlier: 0,
    raw: new Uint8Array(length),
  });

const samplesOf = (world: World, length: number): Sent =>
  uploadSamples(world)({
    owner: ADA,
    samples: [],
    unreadable: [],
    unread: {},
    limits: { writtenAtMs: null, zone: null },
    timezone: null,
    syncToken: null,
    uploadSource: 'test',
    raw: new Uint8Array(length),
  });

const exportOf = (world: World, text: string) =>
  acceptExport(world)({ owner: ADA, content: bytes(text), limitBytes: 10_000, timezone: null });

quotas('as many bytes as there may be are taken, and not one more; others are not counted', async () => {
  const world = limited({ mostStoredBytes: 1000 });
  await kept(world, 'a', 600, 'completed');
  await kept(world, 'b', 900, 'completed', BOB);
  const exceeded = { kind: 'storage-quota-exceeded', usedBytes: 600, limitBytes: 1000, requestBytes: 401 };
  for (const send of [metricsOf, samplesOf]) assert.equal(errorOf(await send(world, 401)), exceeded);
  assert.is(valueOf(await world.uploads.list(ADA, 10)).length, 1, 'nothing was stored');
  assert.equal(valueOf(await world.objects.list(ADA)), []);
  valueOf(await metricsOf(world, 400));
  assert.equal(errorOf(await metricsOf(world, 1)), { ...exceeded, usedBytes: 1000, requestBytes: 1 });
});

quotas('of a stream no more is taken than there is room for', async () => {
  const world = limited({ mostStoredBytes: 100 });
  await kept(world, 'a', 60, 'completed');
  const text = '<?xml version="1.0"?><HealthData></HealthData>';
  assert.equal(errorOf(await exportOf(world, text)), {
    kind: 'storage-quota-exceeded',
    usedBytes: 60,
    limitBytes: 100,
    requestBytes: null,
  });
  assert.equal(valueOf(await world.objects.list(ADA)), []);
  const tooLarge = await acceptExport(limited({ mostStoredBytes: 10_000 }))({
    owner: ADA,
    content: bytes(text),
    limitBytes: 20,
    timezone: null,
  });
  assert.equal(errorOf(tooLarge), { kind: 'object-too-large', limitBytes: 20 });
  await kept(world, 'b', 40, 'completed');
  assert.is(errorOf(await exportOf(world, text)).kind, 'storage-quota-exceeded');
});

quotas('as many uploads as there may be are worked on at once', async () => {
  const world = limited({ mostRunning: 2 });
  await kept(world, 'done', 1, 'completed');
  valueOf(await metricsOf(world, 1));
  valueOf(await samplesOf(world, 1));
  for (const send of [metricsOf, samplesOf]) {
    assert.equal(errorOf(await send(world, 1)), {
      kind: 'too-many-running-jobs',
      running: 2,
      limit: 2,
      retryAfterSeconds: 30,
    });
  }
  assert.is(errorOf(await exportOf(world, '<?xml version="1.0"?>')).kind, 'too-many-running-jobs');
  valueOf(await metricsOf(world, 1, BOB));
});

quotas('an upload that is there already is let in, whatever there is by now', async () => {
  const world = limited({ mostStoredBytes: 10, mostRunning: 1 });
  await kept(world, 'a', 50, 'processing');
  const admit = withinQuota(world);
  const request = { owner: ADA, bytes: 5, isWorkedOn: true };
  assert.equal(valueOf(await admit({ ...request, upload: processingId('a') })), { leftBytes: Infinity });
  assert.is(errorOf(await admit({ ...request, upload: processingId('b') })).kind, 'too-many-running-jobs');
  assert.is(errorOf(await admit({ ...request, upload: null })).kind, 'too-many-running-jobs');
  assert.is(errorOf(await admit({ ...request, upload: null, isWorkedOn: false })).kind, 'storage-quota-exceeded');
});

quotas('without a limit nothing is added up; a store that does not answer lets nothing in', async () => {
  const down = portUnavailable('UploadStore', 'usage', 'planted');
  const uploads = replacing(memoryWorld().uploads, { usage: () => errAsync(down) });
  valueOf(await metricsOf(memoryWorld({ uploads }), 1));
  assert.equal(errorOf(await metricsOf(memoryWorld({ uploads, quota: { ...NO_QUOTA, mostRunning: 1 } }), 1)), down);
});

quotas.run();
