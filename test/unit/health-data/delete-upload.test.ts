import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryOwnerEventLog } from '../../../adapters/memory/owner-event-log.ts';
import { claimJob, runJob } from '../../../core/analysis/run-next-job.ts';
import type { OwnerEventDraft } from '../../../core/events/model.ts';
import { deleteUpload, type DeleteUploadPorts } from '../../../core/health-data/delete-upload.ts';
import { rawUploadKey } from '../../../core/health-data/object-keys.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { insightId, type Insight } from '../../../core/insights/model.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { contentOf } from '../account/account-content.ts';
import { fillAccount, type FullAccount } from '../account/full-account.ts';
import { ADA, BOB, bytes, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const deleting = suite('deleting an upload');

interface Populated {
  readonly world: World;
  readonly events: MemoryOwnerEventLog;
  readonly ports: DeleteUploadPorts;
  readonly told: (readonly [UserId, OwnerEventDraft])[];
  readonly ada: FullAccount;
}

const insightOf = (owner: UserId, upload: ProcessingId): Insight => ({
  owner,
  insightId: insightId(`insight_${'0'.repeat(31)}1`),
  upload,
  insightType: 'comprehensive',
  generatedAtMs: NOW_MS,
  generator: 'rules',
  narrative: 'Nothing to tell.',
  keyInsights: [],
  recommendations: [],
  confidenceScore: null,
  factsUsed: [],
  notComputed: [],
});

async function populated(): Promise<Populated> {
  const world = memoryWorld();
  const events = new MemoryOwnerEventLog();
  const ada = await fillAccount(world, ADA, 'ada-only');
  await fillAccount(world, BOB, 'bob-only');
  for (const { processingId: upload } of ada.uploads) {
    const event = { type: 'processing.completed', atMs: NOW_MS, upload, subject: upload, data: {} } as const;
    valueOf(await events.append(ADA, event));
  }
  const { processingId: first } = ada.uploads[0]!;
  valueOf(await world.insights.insert(insightOf(ADA, first)));
  const told: (readonly [UserId, OwnerEventDraft])[] = [];
  const tell = (owner: UserId, event: OwnerEventDraft): ResultAsync<void, never> => {
    told.push([owner, event]);
    return okAsync(undefined);
  };
  return { world, events, ada, told, ports: { ...world, ownerEvents: events, tell } };
}

const EXPORT = 0;
const METRICS = 2;
const idOf = ({ ada }: Populated, which: number): ProcessingId => ada.uploads[which]!.processingId;

/** What is left in any store that knows the upload. */
async function traces({ world, events }: Populated, id: ProcessingId, owner = ADA): Promise<readonly string[]> {
  const everything = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1000, offset: 0, after: null };
  const left: string[] = [];
  if ((await world.uploads.get(owner, id)).isOk()) left.push('upload');
  const chunks = valueOf(await world.samples.chunks(owner, null, 1000));
  if (chunks.some(({ uploads }) => uploads.includes(id))) left.push('samples');
  const { metrics } = valueOf(await world.metrics.list(owner, everything));
  if (metrics.some((metric) => metric.processingId === id)) left.push('metrics');
  if (valueOf(await world.analyses.listForUpload(owner, id)).length > 0) left.push('analyses');
  const { insights } = valueOf(await world.insights.list(owner, { limit: 100, offset: 0 }));
  if (insights.some(({ upload }) => upload === id)) left.push('insights');
  if (valueOf(await events.after(owner, null, 1000)).some(({ upload }) => upload === id)) left.push('events');
  if (valueOf(await world.objects.list(owner)).some((key) => key.includes(id))) left.push('raw objects');
  return left;
}

deleting('an export goes with everything that was made of it, and what others brought stays', async () => {
  const before = await populated();
  const { world, ports, told, ada } = before;
  const id = idOf(before, EXPORT);
  assert.equal(await traces(before, id), ['upload', 'samples', 'analyses', 'insights', 'events', 'raw objects']);
  const bob = await contentOf(world, BOB, []);
  const analyses = valueOf(await world.analyses.listForUpload(ADA, id)).length;
  const all = valueOf(await world.insights.list(ADA, { limit: 100, offset: 0 })).insights;
  const insights = all.filter(({ upload }) => upload === id).length;
  // The steps of its last four days came with the second export too, from the watch and from the phone; its pulse did not.
  const samples = 4 * 24 + 4 * 8 + 48;
  world.clock.nowMs = NOW_MS + 5000;
  assert.equal(valueOf(await deleteUpload(ports)({ owner: ADA, processingId: id })), {
    processingId: id,
    deletedAtMs: NOW_MS + 5000,
    deleted: { samples, metrics: 0, analyses, insights, rawObjects: 1 },
  });
  assert.equal(await traces(before, id), []);
  assert.equal(await contentOf(world, BOB, []), bob);
  const other = idOf(before, 1);
  assert.equal(await traces(before, other), ['upload', 'samples', 'analyses', 'events', 'raw objects']);
  assert.equal(
    valueOf(await world.uploads.list(ADA, 10)).map(({ processingId: left }) => left),
    [ada.uploads[METRICS]!.processingId, other],
  );
  assert.equal(told, [
    [
      ADA,
      {
        type: 'data.deleted',
        atMs: NOW_MS + 5000,
        upload: id,
        subject: id,
        data: { samples, metrics: 0, analyses, insights, raw_objects: 1 },
      },
    ],
  ]);
});

deleting('metrics go with their upload, and can be sent anew', async () => {
  const before = await populated();
  const deleted = valueOf(await deleteUpload(before.ports)({ owner: ADA, processingId: idOf(before, METRICS) }));
  assert.equal(deleted.deleted, { samples: 0, metrics: 12, analyses: 0, insights: 0, rawObjects: 1 });
  assert.equal(await traces(before, idOf(before, METRICS)), []);
});

deleting("an unknown id and somebody else's are the same", async () => {
  const before = await populated();
  const bob = await contentOf(before.world, BOB, []);
  const theirs = valueOf(await before.world.uploads.list(BOB, 1))[0]!.processingId;
  for (const id of [theirs, processingId('nobody has this')]) {
    assert.equal(errorOf(await deleteUpload(before.ports)({ owner: ADA, processingId: id })), {
      kind: 'not-found',
      resource: 'processing',
      id,
    });
  }
  assert.equal(await contentOf(before.world, BOB, []), bob);
  assert.equal(before.told, []);
});

deleting('once is enough: the second call finds nothing', async () => {
  const before = await populated();
  const command = { owner: ADA, processingId: idOf(before, EXPORT) };
  valueOf(await deleteUpload(before.ports)(command));
  assert.is(errorOf(await deleteUpload(before.ports)(command)).kind, 'not-found');
  assert.is(before.told.length, 1);
});

type Step = readonly [
  port: 'uploads' | 'samples' | 'metrics' | 'analyses' | 'insights' | 'objects' | 'ownerEvents',
  method: string,
];

const STEPS: readonly Step[] = [
  ['uploads', 'get'],
  ['objects', 'open'],
  ['uploads', 'delete'],
  ['samples', 'deleteUpload'],
  ['metrics', 'deleteUpload'],
  ['analyses', 'deleteUpload'],
  ['insights', 'deleteUpload'],
  ['ownerEvents', 'deleteUpload'],
  ['objects', 'delete'],
];

/** The ports, of which one method fails once: before it does anything, or after it did all of it. */
function failingOnce(ports: DeleteUploadPorts, [name, method]: Step, when: 'before' | 'after'): DeleteUploadPorts {
  let failed = false;
  const port = ports[name] as Readonly<Record<string, (...args: unknown[]) => ResultAsync<unknown, unknown>>>;
  const fault: PortUnavailable = portUnavailable(name, method, 'planted');
  const failing = (...args: unknown[]): ResultAsync<unknown, unknown> => {
    if (failed) return port[method]!(...args);
    failed = true;
    return when === 'before' ? errAsync(fault) : port[method]!(...args).andThen(() => errAsync(fault));
  };
  return { ...ports, [name]: replacing(port, { [method]: failing }) };
}

for (const step of STEPS) {
  for (const when of ['before', 'after'] as const) {
    for (const which of [EXPORT, METRICS]) {
      const what = which === EXPORT ? 'an export' : 'metrics';
      deleting(`of ${what}, the same call again ends what failed ${when} ${step.join('.')}`, async () => {
        const before = await populated();
        const ports = failingOnce(before.ports, step, when);
        const command = { owner: ADA, processingId: idOf(before, which) };
        const first = errorOf(await deleteUpload(ports)(command));
        assert.equal([first.kind, before.told.length], ['port-unavailable', 0]);
        const second = await deleteUpload(ports)(command);
        const wasAllGone = step[1] === 'delete' && step[0] === 'objects' && when === 'after';
        assert.is(second.isErr() ? second.error.kind : 'deleted', wasAllGone ? 'not-found' : 'deleted');
        assert.equal(await traces(before, command.processingId), []);
        assert.is(errorOf(await deleteUpload(ports)(command)).kind, 'not-found');
        assert.is(before.told.length, wasAllGone ? 0 : 1);
      });
    }
  }
}

deleting('where the list of raw objects cannot be had, nothing is deleted yet', async () => {
  const before = await populated();
  const command = { owner: ADA, processingId: idOf(before, METRICS) };
  valueOf(await before.world.uploads.change(ADA, command.processingId, { raw: null }, NOW_MS));
  const ports = failingOnce(before.ports, ['objects', 'list'], 'before');
  assert.is(errorOf(await deleteUpload(ports)(command)).kind, 'port-unavailable');
  assert.ok((await traces(before, command.processingId)).includes('upload'));
  assert.equal(valueOf(await deleteUpload(ports)(command)).deleted.rawObjects, 1);
  assert.equal(await traces(before, command.processingId), []);
});

deleting('an upload that still waits for its file goes too, with whatever was sent of it', async () => {
  const before = await populated();
  const id = processingId('waiting');
  const key = rawUploadKey(ADA, id, NOW_MS, 'zip');
  const facts = { owner: ADA, processingId: id, kind: 'healthkit-export', uploadSource: 'x', nowMs: NOW_MS } as const;
  const upload = newUpload({ ...facts, timezone: null, syncToken: null });
  valueOf(await before.world.uploads.insert({ ...upload, raw: { key, sha256: 'ab', bytes: 3 } }));
  const asked: string[] = [];
  const objects = replacing(before.world.objects, {
    delete: (owner, which) => (asked.push(which), before.world.objects.delete(owner, which)),
  });
  const { deleted } = valueOf(await deleteUpload({ ...before.ports, objects })({ owner: ADA, processingId: id }));
  assert.equal(deleted, { samples: 0, metrics: 0, analyses: 0, insights: 0, rawObjects: 0 });
  assert.equal(asked, [key]);
});

deleting('two calls at once both end well', async () => {
  const before = await populated();
  const command = { owner: ADA, processingId: idOf(before, EXPORT) };
  const faster = replacing(before.world.uploads, {
    delete: (owner, id) => before.world.uploads.delete(owner, id).andThen(() => before.world.uploads.delete(owner, id)),
  });
  valueOf(await deleteUpload({ ...before.ports, uploads: faster })(command));
  assert.equal(await traces(before, command.processingId), []);
});

deleting('a job that is at work while its upload is deleted leaves nothing behind', async () => {
  const before = await populated();
  const { world, ports } = before;
  const job = valueOf(await claimJob(world));
  if (job === null) throw new Error('the first upload still waits for its analysis');
  const command = { owner: ADA, processingId: job.upload };
  const analyses = replacing(world.analyses, {
    replaceForUpload: (...args) =>
      deleteUpload(ports)(command)
        .mapErr((error): PortUnavailable => portUnavailable('test', 'delete', error.kind))
        .andThen(() => world.analyses.replaceForUpload(...args)),
  });
  assert.is(valueOf(await runJob({ ...world, analyses })(job)).kind, 'done');
  assert.equal(await traces(before, job.upload), []);
});

deleting('a job that meets a deleted upload is done', async () => {
  const before = await populated();
  valueOf(await deleteUpload(before.ports)({ owner: ADA, processingId: idOf(before, EXPORT) }));
  const job = valueOf(await claimJob(before.world));
  assert.is(job?.upload, idOf(before, EXPORT));
  assert.is(valueOf(await runJob(before.world)(job!)).kind, 'done');
  assert.equal(await traces(before, idOf(before, EXPORT)), []);
});

deleting('raw bytes whose upload never came to be are found by their id', async () => {
  const before = await populated();
  const id = processingId('orphan');
  const key = rawUploadKey(ADA, id, NOW_MS, 'json');
  valueOf(await before.world.objects.put(ADA, key, bytes('{}'), 10));
  const { deleted } = valueOf(await deleteUpload(before.ports)({ owner: ADA, processingId: id }));
  assert.is(deleted.rawObjects, 1);
  assert.equal(valueOf(await before.world.objects.list(ADA)).includes(key), false);
});

deleting.run();
