import { errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportAccount } from '../../../core/archive/export-account.ts';
import { ExportInterrupted } from '../../../core/archive/export-pages.ts';
import { importArchive } from '../../../core/archive/import-archive.ts';
import { receiveArchive } from '../../../core/archive/receive-archive.ts';
import { NO_QUOTA } from '../../../core/health-data/upload-quota.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, bytes, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { ADA_P, auditEvent, BOB_P, headSigner, trailOver } from '../audit-events.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { fillAccount } from '../account/full-account.ts';
import {
  addWords,
  allOf,
  dumpOf,
  exported,
  exportPorts,
  importInto,
  importPorts,
  linesOf,
  profileOf,
  sourceOf,
  unzipped,
} from './archive-world.ts';

const archiving = suite('exporting and importing an account');

const CAROL = userId('33333333-3333-4333-8333-333333333333');

/** A world in which two persons have something of everything. */
async function fullWorld(): Promise<World> {
  const world = memoryWorld();
  for (const [owner, mark] of [
    [ADA, 'ada-only'],
    [BOB, 'bob-only'],
  ] as const) {
    const { uploads } = await fillAccount(world, owner, mark);
    await addWords(world, owner, uploads[0]!.processingId);
  }
  return world;
}

let made: Promise<{ readonly archive: Buffer; readonly dump: Awaited<ReturnType<typeof dumpOf>> }> | null = null;

/** Ada's archive and what it was made of, for tests that only read them. */
const adas = () =>
  (made ??= fullWorld().then(async (world) => ({
    archive: await exported(world, ADA),
    dump: await dumpOf(world, ADA),
  })));

const commandOf = (owner = ADA) => ({ owner, profile: profileOf(owner), isCancelled: () => false });

archiving(
  'an archive has the promised files, README first and manifest last, which counts and hashes them',
  async () => {
    const world = await fullWorld();
    const archive = await exported(world, ADA);
    const files = await unzipped(archive);
    const names = [...files.keys()];
    assert.is(names[0], 'README.txt');
    assert.is(names.at(-1), 'manifest.json');
    const expected = ['profile.json', 'uploads.ndjson', 'metrics.ndjson', 'samples/heart_rate.ndjson'];
    expected.push('samples/step_count.ndjson', 'analyses.ndjson', 'insights.ndjson', 'webhooks.ndjson');
    expected.push('audit-log.ndjson', 'fhir/patient.ndjson', 'fhir/observations.ndjson');
    for (const name of expected) assert.ok(names.includes(name), name);
    assert.is(names.filter((name) => name.startsWith(`raw/uploads/2025/03/03/${ADA}/`)).length, 2);
    const manifest = JSON.parse(files.get('manifest.json')!.toString()) as {
      format: string;
      made_at: string;
      user_id: string;
      counts: object;
      files: { name: string; bytes: number; sha256: string; lines?: number }[];
    };
    assert.is(manifest.format, 'clarity.export/1');
    assert.is(manifest.user_id, ADA);
    assert.is(Date.parse(manifest.made_at), world.clock.nowMs);
    assert.equal(
      manifest.files.map(({ name }) => name),
      names.slice(0, -1),
    );
    for (const { name, bytes: size, sha256, lines } of manifest.files) {
      const content = files.get(name)!;
      assert.is(size, content.length, name);
      assert.is(sha256, world.digest.sha256Hex(content), name);
      if (lines !== undefined) assert.is(lines, content.toString().split('\n').length - 1, name);
    }
    // Every sample and every metric is an observation too; the patient is the one more.
    assert.equal(manifest.counts, {
      uploads: 3,
      metrics: 12,
      samples: 480,
      analyses: 3,
      insights: 5,
      webhooks: 2,
      'audit-log': 0,
      raw: 3,
      fhir: 493,
    });
  },
);

archiving('a line of samples tells all that is known of one, in words that need no program', async () => {
  const lines = await linesOf((await adas()).archive, 'samples/step_count.ndjson');
  const first = lines.find(({ device }) => device === 'phone');
  assert.equal(first, {
    type: 'step_count',
    start: '2025-01-05T23:00:00Z',
    end: '2025-01-05T23:01:30Z',
    value: 12,
    unit: 'count',
    source: 'Sam iPhone',
    source_key: 'sam iphone|iphone14,5',
    device: 'phone',
    model: null,
    offset_minutes: null,
    uploads: ['00000000-0000-4000-8000-000000000001'],
  });
});

archiving('times keep their offset, and fractions of a millisecond are told apart', async () => {
  const { archive } = await adas();
  const steps = await linesOf(archive, 'samples/step_count.ndjson');
  const watched = steps.find(({ device }) => device === 'watch')!;
  assert.equal([watched['start'], watched['offset_minutes']], ['2025-01-06T00:00:00+01:00', 60]);
  const [rate] = await linesOf(archive, 'samples/heart_rate.ndjson');
  assert.equal([rate!['start'], rate!['start_ms']], ['2025-01-05T23:00:00.001Z', 1_736_118_000_001.5]);
});

archiving('nothing of anybody else is in an archive, no password and no secret', async () => {
  const world = await fullWorld();
  const files = await unzipped(await exported(world, ADA));
  for (const [name, content] of files) {
    const text = content.toString('utf8');
    for (const foreign of [BOB, 'bob-only', 'whsec_', 'c2VjcmV0', 'secret"', 'passwordHash', 'password_hash']) {
      assert.not(text.includes(foreign), `${name} holds ${foreign}`);
    }
  }
  const [hook] = await linesOf(await exported(world, ADA), 'webhooks.ndjson');
  assert.is(hook!['url'], 'https://example.org/hook');
  const profile = JSON.parse(files.get('profile.json')!.toString()) as Record<string, unknown>;
  assert.equal([profile['user_id'], profile['email'], profile['display_name']], [ADA, 'ada@example.org', 'Ada']);
});

archiving('what was done with the data goes along, and nothing of it comes back', async () => {
  const world = await fullWorld();
  const ada = valueOf(await world.auditPseudonyms.assign(ADA, ADA_P));
  const trail = trailOver(world.auditStore, headSigner());
  for (const [id, changes] of [
    ['own', {}],
    ['of others', { subject: BOB_P }],
    ['read', { actor: BOB_P, actorRoles: ['clinician'], action: 'read' }],
    ['job', { actor: 'system', onBehalfOf: ada }],
  ] as const) {
    valueOf(await trail.record(auditEvent(id, { actor: ada, subject: ada, ...changes })));
  }
  const archive = await exported(world, ADA);
  const lines = await linesOf(archive, 'audit-log.ndjson');
  assert.equal(
    lines.map(({ event_id, actor, actor_ref, actor_id, on_behalf_of }) => [
      event_id,
      actor,
      actor_ref,
      actor_id,
      on_behalf_of,
    ]),
    [
      ['job', 'system', null, null, 'you'],
      ['read', 'person', BOB_P, null, null],
      ['own', 'you', null, null, null],
    ],
  );
  const other = memoryWorld();
  const { setAside } = valueOf(await importInto(other, ADA, archive));
  assert.equal(setAside, []);
  assert.equal(valueOf(await other.auditStore.newest(null, 10)), []);
});

archiving('an account without anything, and data without an account, have an archive too', async () => {
  const world = memoryWorld();
  const bare = await allOf(valueOf(await exportAccount(exportPorts(world))({ ...commandOf(), profile: null })).bytes);
  const files = await unzipped(bare);
  assert.is(files.get('metrics.ndjson')!.length, 0);
  assert.is(files.get('webhooks.ndjson')!.length, 0);
  const profile = JSON.parse(files.get('profile.json')!.toString()) as Record<string, unknown>;
  assert.equal([profile['user_id'], profile['email']], [ADA, null]);
  assert.equal(await linesOf(bare, 'fhir/patient.ndjson'), [{ resourceType: 'Patient', id: ADA, active: true }]);
  const { counts } = valueOf(await importInto(world, ADA, bare));
  for (const kind of Object.values(counts)) assert.equal(kind, { added: 0, alreadyThere: 0, setAside: 0 });
});

archiving(
  'objects are named by their keys where those are paths, otherwise by their number, and come back',
  async () => {
    const world = memoryWorld();
    const keys = [
      'plain/a.zip',
      'other/x',
      '../up',
      '/root',
      'back\\slash',
      'a//b',
      'Ünlikely',
      `long/${'x'.repeat(300)}`,
    ];
    for (const key of keys) valueOf(await world.objects.put(ADA, key, bytes(`content of ${key}`), 1e6));
    valueOf(await world.objects.put(ADA, 'imports/1-left-over.zip', bytes('PK'), 1e6));
    const archive = await exported(world, ADA);
    const raw = [...(await unzipped(archive)).keys()].filter((name) => name.startsWith('raw/'));
    assert.is(raw.length, keys.length);
    for (const name of raw) assert.match(name, /^raw\/(plain\/a\.zip|other\/\d+)$/);
    const target = memoryWorld();
    assert.equal(valueOf(await importInto(target, ADA, archive)).counts.raw, {
      added: 8,
      alreadyThere: 0,
      setAside: 0,
    });
    assert.equal([...valueOf(await target.objects.list(ADA))].sort(), [...keys].sort());
  },
);

archiving('somebody else who imports an archive gets the data under keys of their own; ids stay', async () => {
  const world = await fullWorld();
  const before = await dumpOf(world, ADA);
  const report = valueOf(await importInto(world, CAROL, await exported(world, ADA)));
  assert.equal(report.counts, {
    raw: { added: 3, alreadyThere: 0, setAside: 0 },
    uploads: { added: 3, alreadyThere: 0, setAside: 0 },
    metrics: { added: 12, alreadyThere: 0, setAside: 0 },
    samples: { added: 480, alreadyThere: 0, setAside: 0 },
    analyses: { added: 3, alreadyThere: 0, setAside: 0 },
    insights: { added: 5, alreadyThere: 0, setAside: 0 },
  });
  assert.equal(report.setAside, []);
  assert.equal(await dumpOf(world, CAROL), before);
  assert.equal(await dumpOf(world, ADA), before);
  for (const key of valueOf(await world.objects.list(CAROL))) assert.not(key.includes(ADA));
});

archiving('what the account has already stays as it is', async () => {
  const world = await fullWorld();
  const archive = await exported(world, ADA);
  const [newest] = valueOf(await world.uploads.list(ADA, 1));
  const id = newest!.processingId;
  valueOf(await world.uploads.change(ADA, id, { status: 'completed', message: 'since then' }, NOW_MS + 1e6));
  valueOf(await world.objects.put(ADA, newest!.raw!.key, bytes('another body'), 1e6));
  const before = await dumpOf(world, ADA);
  const { counts, setAside } = valueOf(await importInto(world, ADA, archive));
  assert.equal(counts.raw, { added: 0, alreadyThere: 2, setAside: 1 });
  assert.equal(
    setAside.map(({ kind, code, count }) => [kind, code, count]),
    [['raw', 'different-object', 1]],
  );
  for (const kind of ['uploads', 'metrics', 'samples', 'analyses', 'insights'] as const) {
    assert.is(counts[kind].added, 0, kind);
  }
  assert.equal(await dumpOf(world, ADA), before);
});

archiving('data that were there in part are made whole, with every upload that a sample came with', async () => {
  const { archive, dump } = await adas();
  const target = memoryWorld();
  valueOf(await importInto(target, ADA, archive));
  const [first, second] = valueOf(await target.uploads.list(ADA, 3)).map(({ processingId: id }) => id);
  valueOf(await target.samples.deleteUpload(ADA, second!));
  valueOf(await target.metrics.deleteUpload(ADA, first!));
  valueOf(await target.uploads.delete(ADA, first!));
  valueOf(await importInto(target, ADA, archive));
  assert.equal(await dumpOf(target, ADA), dump);
});

const STEPS = [
  ['uploads', 'list'],
  ['metrics', 'list'],
  ['samples', 'chunks'],
  ['analyses', 'listForUpload'],
  ['insights', 'list'],
  ['webhooks', 'list'],
  ['objects', 'list'],
  ['objects', 'open'],
] as const;

for (const [store, method] of STEPS) {
  archiving(
    `an export in which ${store}.${method} does not answer ends with that error, not with an archive`,
    async () => {
      const world = await fullWorld();
      const broken = replacing(world[store] as object, {
        [method]: () => errAsync(portUnavailable(store, method, 'planted')),
      });
      const ports = { ...exportPorts(world), [store]: broken };
      const begun = await exportAccount(ports)(commandOf());
      if (begun.isErr()) {
        assert.equal([store, begun.error.port], ['uploads', 'uploads']);
        return;
      }
      try {
        await allOf(begun.value.bytes);
        assert.unreachable('the export ended well');
      } catch (cause) {
        assert.instance(cause, ExportInterrupted);
        assert.is((cause as ExportInterrupted).fault?.port, store);
      }
    },
  );
}

archiving('an object that is deleted while the export goes on is left out', async () => {
  const world = await fullWorld();
  const [gone] = valueOf(await world.objects.list(ADA));
  const objects = replacing(world.objects, {
    list: (owner) => world.objects.list(owner).map((keys) => [...keys, 'uploads/gone.json']),
  });
  assert.ok(gone);
  const files = await unzipped(await exported({ ...world, objects }, ADA));
  assert.is([...files.keys()].filter((name) => name.startsWith('raw/')).length, 3);
});

archiving(
  'whoever stops reading stops the work: the stores are not asked any more, and open objects are closed',
  async () => {
    const world = await fullWorld();
    let closed = 0;
    let asked = 0;
    const objects = replacing(world.objects, {
      open: (owner, key) => {
        asked++;
        return world.objects.open(owner, key).map((source) => ({
          sizeBytes: source.sizeBytes,
          async *stream() {
            try {
              for (;;) yield new Uint8Array(65_536).map(() => Math.floor((asked * 7919) % 251));
            } finally {
              closed++;
            }
          },
        }));
      },
    });
    const { bytes: stream } = valueOf(await exportAccount(exportPorts({ ...world, objects }))(commandOf()));
    let read = 0;
    for await (const part of stream) {
      read += part.length;
      if (asked > 0) break;
    }
    assert.ok(read > 0);
    assert.equal([asked, closed], [1, 1]);
  },
);

archiving('an export is given up once it is cancelled', async () => {
  const world = await fullWorld();
  let pages = 0;
  const metrics = replacing(world.metrics, {
    list: (owner, query) => {
      pages++;
      return world.metrics.list(owner, query);
    },
  });
  const command = { ...commandOf(), isCancelled: () => pages > 0 };
  const { bytes: stream } = valueOf(await exportAccount(exportPorts({ ...world, metrics }))(command));
  try {
    await allOf(stream);
    assert.unreachable();
  } catch (cause) {
    assert.instance(cause, ExportInterrupted);
    assert.is((cause as ExportInterrupted).fault, null);
  }
  assert.is(pages, 1);
});

const WRITES = [
  ['objects', 'put'],
  ['objects', 'open'],
  ['uploads', 'get'],
  ['uploads', 'insert'],
  ['metrics', 'append'],
  ['samples', 'append'],
  ['analyses', 'listForUpload'],
  ['analyses', 'replaceForUpload'],
  ['insights', 'get'],
  ['insights', 'insert'],
] as const;

for (const [store, method] of WRITES) {
  for (const calls of [1, 2]) {
    archiving(
      `an import in which call ${calls} of ${store}.${method} fails is ended by the same import again`,
      async () => {
        const { archive, dump } = await adas();
        const target = memoryWorld();
        let left = calls;
        const real = target[store] as unknown as Record<string, (...args: unknown[]) => unknown>;
        const failing = replacing(target[store] as object, {
          [method]: (...args: unknown[]) =>
            --left === 0 ? errAsync(portUnavailable(store, method, 'planted')) : real[method]!(...args),
        });
        const broken = { ...target, [store]: failing } as World;
        const first = await importInto(broken, ADA, archive);
        if (first.isErr())
          assert.equal([first.error.kind, 'port' in first.error && first.error.port], ['port-unavailable', store]);
        else assert.ok(left > 0, 'the call was never made');
        valueOf(await importInto(target, ADA, archive));
        assert.equal(await dumpOf(target, ADA), dump);
      },
    );
  }
}

archiving('an import that is cancelled between any two steps is ended by the same import again', async () => {
  const { archive, dump } = await adas();
  const target = memoryWorld();
  let cancelled = 0;
  for (let most = 0; ; most++) {
    let looks = 0;
    const command = { owner: ADA, file: sourceOf(archive), isCancelled: () => looks++ >= most };
    const outcome = await importArchive(importPorts(target))(command);
    if (outcome.isOk()) break;
    assert.is(outcome.error.kind, 'import-cancelled');
    cancelled++;
  }
  assert.ok(cancelled > 10);
  assert.equal(await dumpOf(target, ADA), dump);
});

archiving('nothing comes back of somebody who is erased while the import goes on', async () => {
  const { archive } = await adas();
  const target = memoryWorld();
  const insights = replacing(target.insights, {
    insert: (insight) =>
      target.insights
        .insert(insight)
        .andThen(() => target.uploads.eraseOwner(ADA))
        .andThen(() => target.samples.eraseOwner(ADA)),
  });
  valueOf(await importInto({ ...target, insights }, ADA, archive));
  const left = await dumpOf(target, ADA);
  // What is of no upload is removed by the second round of an erasure.
  assert.equal(
    { ...left, insights: [] },
    { objects: [], uploads: [], metrics: [], chunks: [], analyses: [], insights: [] },
  );
  assert.is(left.insights.length, 2);
});

const receiving = (world: World) => receiveArchive({ ...importPorts(world), clock: world.clock, ids: world.ids });

archiving('an archive that is sent is kept while it is read, and forgotten afterwards', async () => {
  const { archive, dump } = await adas();
  const target = memoryWorld();
  const command = { owner: ADA, content: bytes(archive), limitBytes: 1e7, isCancelled: () => false };
  valueOf(await receiving(target)(command));
  assert.equal(await dumpOf(target, ADA), dump);
});

archiving('one that cannot be used is forgotten too, and so is what a process that died has left', async () => {
  const target = memoryWorld();
  const leftOver = `imports/${NOW_MS - 90_000_000}-x.zip`;
  const fresh = `imports/${NOW_MS - 1000}-y.zip`;
  for (const key of [leftOver, 'imports/nonsense', fresh]) valueOf(await target.objects.put(ADA, key, bytes('PK'), 9));
  const content = () => bytes('PK no zip at all');
  const command = { owner: ADA, limitBytes: 1e7, isCancelled: () => false };
  const refused = errorOf(await receiving(target)({ ...command, content: content() }));
  assert.equal([refused.kind, 'code' in refused && refused.code], ['archive-unreadable', 'broken-zip']);
  assert.equal(valueOf(await target.objects.list(ADA)), [fresh]);
  const long = errorOf(await receiving(target)({ ...command, content: content(), limitBytes: 5 }));
  assert.is(long.kind, 'object-too-large');
  assert.equal(valueOf(await target.objects.list(ADA)), [fresh]);
});

archiving('a store that loses what it was just given, or cannot forget it, is told', async () => {
  const target = memoryWorld();
  const { archive } = await adas();
  const command = { owner: ADA, content: bytes(archive), limitBytes: 1e7, isCancelled: () => false };
  const losing = replacing(target.objects, { open: (owner) => target.objects.open(owner, 'nothing') });
  assert.is(errorOf(await receiving({ ...target, objects: losing })(command)).kind, 'port-unavailable');
  const fault = portUnavailable('ObjectStore', 'delete', 'planted');
  const keeping = replacing(target.objects, { delete: () => errAsync(fault) });
  assert.equal(
    errorOf(await receiving({ ...target, objects: keeping })({ ...command, content: bytes(archive) })),
    fault,
  );
});

archiving('raw files that are more than the importer may keep are refused before anything is stored', async () => {
  const { archive } = await adas();
  const room = memoryWorld();
  valueOf(await importInto(room, CAROL, archive));
  const { storedBytes } = valueOf(await room.uploads.usage(CAROL));
  assert.ok(storedBytes > 0);
  const limited = (mostStoredBytes: number): World => memoryWorld({ quota: { ...NO_QUOTA, mostStoredBytes } });
  const refusing = limited(storedBytes - 1);
  const refusal = errorOf(await importInto(refusing, CAROL, archive));
  assert.is(refusal.kind, 'storage-quota-exceeded');
  assert.equal(valueOf(await refusing.objects.list(CAROL)), []);
  assert.equal(valueOf(await refusing.uploads.list(CAROL, 10)), []);
  const enough = limited(storedBytes);
  valueOf(await importInto(enough, CAROL, archive));
  // All of it is there already: it is no more than before.
  valueOf(await importInto(enough, CAROL, archive));
});

archiving.run();
