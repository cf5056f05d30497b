import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_ARCHIVE_LIMITS, ZipArchiveReader } from '../../../adapters/account-archive/zip-archive-reader.ts';
import { importArchive } from '../../../core/archive/import-archive.ts';
import { ArchiveFault, type ArchiveReader } from '../../../core/archive/ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { fillAccount } from '../account/full-account.ts';
import { ADA, BOB, memoryWorld, replacing } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import {
  allOf,
  dumpOf,
  exported,
  handMade,
  importInto,
  importPorts,
  linesOf,
  ndjson,
  sourceOf,
  unzipped,
  zipped,
  type HandMade,
} from './archive-world.ts';

const hostile = suite('archives that are damaged or made to harm');

const NOTHING = { objects: [], uploads: [], metrics: [], chunks: [], analyses: [], insights: [] };

/** The code of the refusal, after which nothing may have been stored. */
async function refusalOf(archive: Uint8Array, limits = DEFAULT_ARCHIVE_LIMITS): Promise<readonly [string, string]> {
  const world = memoryWorld();
  const error = errorOf(await importInto(world, ADA, archive, limits));
  assert.equal(await dumpOf(world, ADA), NOTHING);
  if (error.kind !== 'archive-unreadable') throw new Error(JSON.stringify(error));
  return [error.code, error.place];
}

interface SmallArchive {
  readonly archive: Buffer;
  readonly dump: Awaited<ReturnType<typeof dumpOf>>;
}

let made: Promise<SmallArchive> | null = null;

/** An archive with something of everything, and what it was made of. */
const smallArchive = (): Promise<SmallArchive> => (made ??= makeArchive());

async function makeArchive(): Promise<SmallArchive> {
  const world = memoryWorld();
  await fillAccount(world, ADA, 'ada-only');
  return { archive: await exported(world, ADA), dump: await dumpOf(world, ADA) };
}

hostile('of an archive that was cut off anywhere nothing is stored', async () => {
  const { archive } = await smallArchive();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: archive.length - 1 }), async (length) => {
      const [code] = await refusalOf(archive.subarray(0, length));
      assert.ok(['empty-file', 'broken-zip', 'not-an-export'].includes(code), code);
    }),
    { numRuns: 40 },
  );
});

hostile('of an archive with a turned bit either nothing is stored, or all and right', async () => {
  const { archive, dump } = await smallArchive();
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: archive.length * 8 - 1 }), async (bit) => {
      const turned = Buffer.from(archive);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      const world = memoryWorld();
      const outcome = await importInto(world, ADA, turned);
      outcomes.add(outcome.isOk() ? 'ok' : outcome.error.kind);
      if (outcome.isOk()) assert.equal(outcome.value.setAside, []);
      assert.equal(await dumpOf(world, ADA), outcome.isOk() ? dump : NOTHING);
    }),
    { numRuns: 50, seed: 5 },
  );
  assert.equal([...outcomes].sort(), ['archive-unreadable', 'ok']);
});

hostile('what is no archive of ours is refused with what it lacks', async () => {
  const manifest = (content: string) => zipped([['manifest.json', content]]);
  for (const [archive, code] of [
    [Buffer.alloc(0), 'empty-file'],
    [Buffer.from('PK\u0003\u0004 no zip'), 'broken-zip'],
    [Buffer.from('{"format":"clarity.export/1"}'), 'broken-zip'],
    [await zipped([['apple_health_export/export.xml', '<HealthData/>']]), 'not-an-export'],
    [await manifest('not json'), 'not-an-export'],
    [await manifest('[]'), 'not-an-export'],
    [await manifest('{"format":"clarity.export/2"}'), 'unknown-format'],
    [await manifest('{"format":"clarity.export/1","files":[]}'), 'not-an-export'],
    [await manifest('{"format":"clarity.export/1","user_id":"a","files":[{}]}'), 'not-an-export'],
    [await handMade(ADA, [ndjson('uploads', []), ndjson('metrics', [], 'uploads.ndjson')]), 'broken-zip'],
  ] as const) {
    assert.is((await refusalOf(archive))[0], code);
  }
});

hostile('a manifest that names a file or a key twice, or a hash that is none, is refused', async () => {
  const raw = (name: string, key: string): HandMade => ({ name, kind: 'raw', content: 'x', key });
  const [file] = [{ name: 'raw/a', kind: 'raw', bytes: 1, sha256: 'ab'.repeat(32), key: 'a' }];
  for (const changes of [
    { files: [file, file] },
    { files: [file, { ...file, name: 'raw/b' }] },
    { files: [{ ...file, sha256: 'AB' }] },
    { files: [{ ...file, key: undefined }] },
    { files: [{ ...file, bytes: -1 }] },
    { files: [{ ...file, kind: 'passwords' }] },
    { files: 'all of them' },
  ]) {
    const archive = await handMade(ADA, [raw('raw/a', 'a'), raw('raw/b', 'b')], changes);
    assert.equal(await refusalOf(archive), ['not-an-export', 'manifest.json'], JSON.stringify(changes));
  }
});

hostile('a file that was changed is refused by its name, and so is one that is gone', async () => {
  const { archive } = await smallArchive();
  const files = await unzipped(archive);
  const metrics = files.get('metrics.ndjson')!.toString();
  const changed = [...files].map(([name, content]): [string, Uint8Array | string] => [
    name,
    name === 'metrics.ndjson' ? metrics.replace('"heart_rate":60.1', '"heart_rate":99.1') : content,
  ]);
  assert.equal(await refusalOf(await zipped(changed)), ['hash-mismatch', 'metrics.ndjson']);
  const shorter = [...files].map(([name, content]): [string, Uint8Array] => [
    name,
    name === 'uploads.ndjson' ? content.subarray(0, 10) : content,
  ]);
  assert.equal(await refusalOf(await zipped(shorter)), ['hash-mismatch', 'uploads.ndjson']);
  files.delete('analyses.ndjson');
  assert.equal(await refusalOf(await zipped(files)), ['missing-file', 'analyses.ndjson']);
});

hostile('files that the manifest does not name are not looked at', async () => {
  const world = memoryWorld();
  const files = await unzipped(await handMade(ADA, [ndjson('uploads', [])]));
  const archive = await zipped([...files, ['metrics.ndjson', '{"metric_id":"smuggled"}\n']]);
  assert.equal(valueOf(await importInto(world, ADA, archive)).setAside, []);
  assert.equal(await dumpOf(world, ADA), NOTHING);
});

/** The zip with a text of its bytes replaced by another of the same length, wherever it is. */
function withName(archive: Buffer, from: string, to: string): Buffer {
  assert.is(to.length, from.length);
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}

hostile('names that lead out of a folder are refused, and a key that does stays inside of its owner', async () => {
  const plain = await handMade(ADA, [{ name: 'raw/aaaaaaaa', kind: 'raw', content: 'x', key: 'a' }]);
  for (const name of ['../../../etc', '/etc/passwd1', 'c:/windows12', '..\\..\\..\\etc']) {
    assert.is((await refusalOf(withName(plain, 'raw/aaaaaaaa', name)))[0], 'broken-zip', name);
  }
  const world = memoryWorld();
  const keys = ['../../etc/passwd', '/root', `uploads/2025/01/01/${BOB}/x.json`, 'imports/1-x.zip', 'line\nbreak'];
  const archive = await handMade(
    ADA,
    keys.map((key, i) => ({ name: `raw/${i}`, kind: 'raw', content: 'x', key })),
  );
  const { counts, setAside } = valueOf(await importInto(world, ADA, archive));
  assert.equal(counts.raw, { added: 3, alreadyThere: 0, setAside: 2 });
  assert.is(setAside[0]?.firstAt, 'raw/3');
  assert.equal(valueOf(await world.objects.list(BOB)), []);
  assert.equal([...valueOf(await world.objects.list(ADA))].sort(), keys.slice(0, 3).sort());
});

hostile('limits of the number of files, of their sizes and of the ratio are kept', async () => {
  const archive = await handMade(ADA, [ndjson('uploads', []), { name: 'raw/z', kind: 'raw', content: 'zz', key: 'z' }]);
  const limited = (limits: Partial<typeof DEFAULT_ARCHIVE_LIMITS>) =>
    refusalOf(archive, { ...DEFAULT_ARCHIVE_LIMITS, ...limits });
  assert.is((await limited({ mostFiles: 2 }))[0], 'too-large');
  assert.is((await limited({ mostBytes: 100 }))[0], 'too-large');
  assert.equal(await limited({ mostBytesAFile: 1 }), ['too-large', 'manifest.json']);
  const zeros = { name: 'raw/zeros', kind: 'raw', content: Buffer.alloc(17 * 1024 ** 2), key: 'z' };
  assert.equal(await refusalOf(await handMade(ADA, [zeros])), ['compression-ratio', 'raw/zeros']);
});

/** Where the central directory's entry of the file is. */
function directoryEntry(archive: Buffer, name: string): number {
  for (let at = archive.length - 22; at >= 0; at--) {
    const isEntry = archive.readUInt32LE(at) === 0x02014b50;
    if (isEntry && archive.toString('latin1', at + 46, at + 46 + name.length) === name) return at;
  }
  throw new Error(`no ${name}`);
}

/** The archive with fields of the directory's entry of `uploads.ndjson` changed; offsets by APPNOTE 4.3.12. */
async function withEntry(change: (archive: Buffer, at: number) => void): Promise<Buffer> {
  const archive = await handMade(ADA, [ndjson('uploads', ['not json'])]);
  change(archive, directoryEntry(archive, 'uploads.ndjson'));
  return archive;
}

hostile('a directory that lies about a file is found out', async () => {
  for (const [change, code] of [
    [(archive: Buffer, at: number) => archive.writeUInt16LE(1, at + 8), 'encrypted-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt16LE(12, at + 10), 'broken-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt32LE(7, at + 16), 'broken-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt32LE(1_000_000, at + 20), 'broken-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt32LE(3, at + 24), 'broken-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt32LE(300, at + 24), 'broken-zip'],
    [(archive: Buffer, at: number) => archive.writeUInt32LE(5, at + 42), 'broken-zip'],
  ] as const) {
    assert.is((await refusalOf(await withEntry(change)))[0], code, String(change));
  }
});

hostile('content that is no compressed data is found out', async () => {
  const archive = await handMade(ADA, [ndjson('uploads', ['not json'])]);
  const packed = deflateRawSync(Buffer.from('not json\n'));
  const at = archive.indexOf(packed);
  assert.ok(at > 0);
  archive.fill(0xff, at, at + packed.length);
  assert.equal(await refusalOf(archive), ['broken-zip', 'uploads.ndjson']);
});

hostile('a source that does not give its bytes is a fault of the store, not of the archive', async () => {
  const archive = await handMade(ADA, [ndjson('uploads', ['not json'])]);
  const failAfter = async (reads: number) => {
    let left = reads;
    const file = {
      sizeBytes: archive.length,
      async *stream({ start, end } = { start: 0, end: archive.length }) {
        if (left-- <= 0) throw new Error('planted');
        yield await Promise.resolve(archive.subarray(start, end));
      },
    };
    return importArchive(importPorts(memoryWorld()))({ owner: ADA, file, isCancelled: () => false });
  };
  let reads = 0;
  for (; ; reads++) {
    const outcome = await failAfter(reads);
    if (outcome.isOk()) break;
    assert.equal(
      [outcome.error.kind, 'port' in outcome.error && outcome.error.port],
      ['port-unavailable', 'ObjectStore'],
    );
  }
  assert.ok(reads >= 4, String(reads));
});

/** A line of each kind that can be used. */
async function goodLines(): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const { archive } = await smallArchive();
  const first = async (name: string) => (await linesOf(archive, name))[0]!;
  return {
    uploads: await first('uploads.ndjson'),
    metrics: await first('metrics.ndjson'),
    samples: await first('samples/step_count.ndjson'),
    analyses: await first('analyses.ndjson'),
    insights: await first('insights.ndjson'),
  };
}

const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

/** What may be wrong with a line: the fields that are different. */
const BAD_FIELDS: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  uploads: [
    { processing_id: '' },
    { processing_id: 7 },
    { processing_id: '\ud800' },
    { processing_id: 'x'.repeat(301) },
    { kind: 'passwords' },
    { status: null },
    { created_at: 'yesterday' },
    { created_at: undefined },
    { created_at_ms: 1e300 },
    { upload_source: 5 },
    { raw: { key: 'a', sha256: 'b', bytes: 1 } },
    { raw: { key: 'a', sha256: 'ab'.repeat(32), bytes: 0.5 } },
    { raw: 'here' },
    { timezone: 'Atlantis/Capital' },
    { sync_token: 9 },
    { progress: 2 },
    { message: 'x'.repeat(10_001) },
    { accepted: { steps: -1 } },
    { accepted: { steps: 'many' } },
    { rejected: [{ code: 'a' }] },
    { rejected: {} },
    { span: { from: '2025-01-01T00:00:00Z' } },
    { failure: { code: 1, reason: '' } },
  ],
  metrics: [
    { metric_id: null },
    { metric_type: 'shoe_size' },
    { processing_id: [] },
    { created_at: 12 },
    { device_id: {} },
    { biometric_data: [1] },
    { biometric_data: 'high' },
    { raw_data: deep(100) },
    { metadata: 1 },
    { fingerprint: 'none' },
  ],
  samples: [
    { type: '__proto__' },
    { start: '2025-13-01T00:00:00Z' },
    { end: '2020-01-01T00:00:00Z' },
    { value: null },
    { value: '12' },
    { unit: 'furlong' },
    { source: null },
    { source_key: 5 },
    { device: 'fridge' },
    { model: 1 },
    { offset_minutes: 40_000 },
    { offset_minutes: 0.5 },
    { offset_minutes: undefined },
    { uploads: [] },
    { uploads: [''] },
    { uploads: 'all' },
  ],
  analyses: [
    { analysis_id: '' },
    { scope: 'year' },
    { document: null },
    { document: { schema: 'clarity.analysis/1' } },
    { grid: null },
    { grid: { dates: ['2025-02-30'], known: [] } },
    { grid: { dates: ['2025-02-03'], known: [{ from: 1440, values: [1] }] } },
    { grid: { dates: ['2025-02-03'], known: [{ from: -1, values: [] }] } },
    { grid: { dates: ['2025-02-03'], known: [{ from: 0, values: ['1'] }] } },
    { grid: { dates: ['2025-02-03'], known: [7] } },
    { grid: { dates: 'all', known: [] } },
  ],
  insights: [
    { insight_id: '' },
    { processing_id: 5 },
    { generator: 'oracle' },
    { narrative: 5 },
    { key_insights: [1] },
    { confidence_score: 'high' },
    { facts_used: [{ name: 'a', value: 1, unit: 'h' }] },
    { facts_used: [{ name: 'a', value: 1, unit: 'h', origin: 'analysis', is_proxy: 'no' }] },
    { facts_used: [null] },
    { not_computed: [{ field: 'a' }] },
  ],
};

hostile(
  'a line that cannot be used is set aside by itself, with its reason and place; the others are stored',
  async () => {
    const good = await goodLines();
    for (const [kind, changes] of Object.entries(BAD_FIELDS)) {
      const bad: unknown[] = changes.map((change) => ({ ...good[kind], ...change }));
      bad.push([], null, 'text', 5);
      const lines = [...bad.map((line) => JSON.stringify(line)), '{"not": json', good[kind]];
      const world = memoryWorld();
      const archive = await handMade(ADA, [
        ...(kind === 'uploads' ? [] : [ndjson('uploads', [good['uploads']])]),
        ndjson(kind, lines),
      ]);
      const { counts, setAside } = valueOf(await importInto(world, ADA, archive));
      const reasons = setAside.filter((reason) => reason.kind === kind);
      assert.equal(
        counts[kind as keyof typeof counts],
        { added: 1, alreadyThere: 0, setAside: lines.length - 1 },
        `${kind}: ${JSON.stringify(setAside, null, 1)}`,
      );
      assert.is(
        reasons.reduce((sum, { count }) => sum + count, 0),
        lines.length - 1,
      );
      assert.equal(reasons[0]?.firstAt, `${kind}.ndjson, line 1`);
      assert.ok(reasons.some(({ code }) => code === 'not-json'));
    }
  },
);

hostile('an analysis whose window names no time or no zone is set aside', async () => {
  const { uploads, analyses } = await goodLines();
  const document = analyses!['document'] as { readonly window: object };
  const changed = [{ start: 'then' }, { end: '' }, { timezone: 'Atlantis/Capital' }].map((change) => ({
    ...analyses,
    document: { ...document, window: { ...document.window, ...change } },
  }));
  const archive = await handMade(ADA, [ndjson('uploads', [uploads]), ndjson('analyses', changed)]);
  assert.equal(valueOf(await importInto(memoryWorld(), ADA, archive)).counts.analyses, {
    added: 0,
    alreadyThere: 0,
    setAside: 3,
  });
});

hostile('lines that are too long, and lines that are no text, are set aside without being held', async () => {
  const good = await goodLines();
  const long = `"${'x'.repeat(1024 ** 2)}"`;
  const content = Buffer.concat([
    Buffer.from(`${long}\n`),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from(`\n${JSON.stringify(good['samples'])}`),
  ]);
  const archive = await handMade(ADA, [{ name: 'samples/x.ndjson', kind: 'samples', content }]);
  const { counts, setAside } = valueOf(await importInto(memoryWorld(), ADA, archive));
  assert.equal(counts.samples, { added: 1, alreadyThere: 0, setAside: 2 });
  assert.equal(
    setAside.map(({ code, firstAt }) => [code, firstAt]),
    [
      ['too-long', 'samples/x.ndjson, line 1'],
      ['not-utf8', 'samples/x.ndjson, line 2'],
    ],
  );
});

hostile('analyses of an upload that is not there are set aside, and so are those that come too late', async () => {
  const { uploads, analyses } = await goodLines();
  const foreign = { ...analyses, processing_id: 'of nobody', analysis_id: 'a' };
  const again = { ...analyses, analysis_id: 'again' };
  const world = memoryWorld();
  const archive = await handMade(ADA, [ndjson('uploads', [uploads]), ndjson('analyses', [analyses, foreign, again])]);
  const { counts, setAside } = valueOf(await importInto(world, ADA, archive));
  assert.equal(counts.analyses, { added: 1, alreadyThere: 1, setAside: 1 });
  assert.is(setAside[0]?.code, 'no-upload');
  const id = processingId(String(analyses!['processing_id']));
  assert.is(valueOf(await world.analyses.listForUpload(ADA, id)).length, 1);
});

hostile('more analyses of one upload than are held at once are set aside', async () => {
  const { uploads, analyses } = await goodLines();
  const known: readonly unknown[] = [];
  const small = { ...analyses, grid: { dates: [], known } };
  const lines = Array.from({ length: 2002 }, (_, i) => ({ ...small, analysis_id: `a${i}` }));
  const many = await handMade(ADA, [ndjson('uploads', [uploads]), ndjson('analyses', lines)]);
  assert.equal(valueOf(await importInto(memoryWorld(), ADA, many)).counts.analyses, {
    added: 2000,
    alreadyThere: 0,
    setAside: 2,
  });
  const dates = new Array<string>(10_000).fill('2025-01-01');
  const wide = { ...analyses, grid: { dates, known } };
  const long = await handMade(ADA, [ndjson('uploads', [uploads]), ndjson('analyses', [wide, wide])]);
  assert.equal(valueOf(await importInto(memoryWorld(), ADA, long)).counts.analyses, {
    added: 1,
    alreadyThere: 0,
    setAside: 1,
  });
});

hostile('samples of more sources than one person has are set aside', async () => {
  const { samples } = await goodLines();
  const lines = Array.from({ length: 10_003 }, (_, i) => ({ ...samples, source_key: `s${i}` }));
  const archive = await handMade(ADA, [ndjson('samples', lines)]);
  assert.equal(valueOf(await importInto(memoryWorld(), ADA, archive)).counts.samples, {
    added: 10_000,
    alreadyThere: 0,
    setAside: 3,
  });
});

hostile('many samples are stored some at a time, a day mostly in one go', async () => {
  const { samples } = await goodLines();
  const world = memoryWorld();
  const sizes: number[] = [];
  const store = replacing(world.samples, {
    append: (owner, upload, batches) => {
      sizes.push(batches.reduce((sum, { startMs }) => sum + startMs.length, 0));
      return world.samples.append(owner, upload, batches);
    },
  });
  const minute = (i: number): string => new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString();
  const lines = Array.from({ length: 45_000 }, (_, i) => ({ ...samples, start: minute(i), end: minute(i) }));
  const archive = await handMade(ADA, [ndjson('samples', lines)]);
  assert.is(valueOf(await importInto({ ...world, samples: store }, ADA, archive)).counts.samples.added, 45_000);
  assert.equal(sizes, [14 * 1440, 14 * 1440, 45_000 - 28 * 1440]);
});

hostile('large metrics are stored before many of them are held', async () => {
  const { metrics } = await goodLines();
  const world = memoryWorld();
  const sizes: number[] = [];
  const store = replacing(world.metrics, {
    append: (owner, given) => {
      sizes.push(given.length);
      return world.metrics.append(owner, given);
    },
  });
  const note = 'x'.repeat(3 * 1024 ** 2);
  const lines = Array.from({ length: 4 }, (_, i) => ({ ...metrics, metric_id: `m${i}`, raw_data: { note } }));
  lines.forEach((line, i) => (line['fingerprint' as never] = String(i).repeat(64) as never));
  const archive = await handMade(ADA, [ndjson('metrics', lines)]);
  assert.is(valueOf(await importInto({ ...world, metrics: store }, ADA, archive)).counts.metrics.added, 4);
  assert.equal(sizes, [3, 1]);
});

/** A reader whose files change between the look at their hashes and the import. */
const shiftyReader = (later: () => AsyncIterable<Uint8Array>): ArchiveReader => ({
  open: (file) =>
    new ZipArchiveReader().open(file).map((files) => {
      const raw = files.get('raw/a')!;
      let reads = 0;
      return new Map(files).set('raw/a', {
        ...raw,
        name: 'raw/a',
        content: () => (reads++ === 0 ? raw.content() : later()),
      });
    }),
});

hostile('a raw file that changes while it is imported is not kept', async () => {
  const archive = await handMade(ADA, [{ name: 'raw/a', kind: 'raw', content: 'as it was', key: 'a' }]);
  const fault = portUnavailable('ObjectStore', 'open', 'planted');
  async function* bytesOf(text: string, error: Error | null = null): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
    if (error !== null) throw error;
  }
  for (const [later, port] of [
    [() => bytesOf('as it is!'), 'ArchiveReader'],
    [() => bytesOf('longer than it was'), 'ArchiveReader'],
    [() => bytesOf('as', new ArchiveFault(fault)), 'ObjectStore'],
  ] as const) {
    const world = memoryWorld();
    const ports = { ...importPorts(world), archives: shiftyReader(later) };
    const error = errorOf(
      await importArchive(ports)({ owner: ADA, file: sourceOf(archive), isCancelled: () => false }),
    );
    assert.equal([error.kind, 'port' in error && error.port], ['port-unavailable', port]);
    assert.equal(valueOf(await world.objects.list(ADA)), []);
  }
});

hostile('a bug in a reader is not taken for a fault of the archive', async () => {
  const archives: ArchiveReader = {
    open: () =>
      okAsync(
        new Map([
          [
            'manifest.json',
            {
              name: 'manifest.json',
              bytes: 1,
              // oxlint-disable-next-line require-yield
              async *content() {
                await Promise.resolve();
                throw new TypeError('a bug');
              },
            },
          ],
        ]),
      ),
  };
  const ports = { ...importPorts(memoryWorld()), archives };
  try {
    await importArchive(ports)({ owner: ADA, file: sourceOf(Buffer.from('x')), isCancelled: () => false });
    assert.unreachable();
  } catch (cause) {
    assert.instance(cause, TypeError);
  }
});

hostile('a manifest longer than any is not read to its end', async () => {
  let read = 0;
  const part = new Uint8Array(32 * 1024 ** 2);
  const manifest = {
    name: 'manifest.json',
    bytes: 1e12,
    async *content() {
      for (;;) {
        read++;
        yield await Promise.resolve(part);
      }
    },
  };
  const archives: ArchiveReader = { open: () => okAsync(new Map([['manifest.json', manifest]])) };
  const ports = { ...importPorts(memoryWorld()), archives };
  const error = errorOf(
    await importArchive(ports)({ owner: ADA, file: sourceOf(Buffer.from('x')), isCancelled: () => false }),
  );
  assert.is('code' in error && error.code, 'too-large');
  assert.is(read, 5);
});

hostile('whoever leaves a file of an archive in the middle lets its source go', async () => {
  const big = Buffer.alloc(3_000_000, 'abcdefghij');
  const archive = await zipped([['big', big]]);
  let isOpen = 0;
  const file = {
    sizeBytes: archive.length,
    async *stream({ start, end } = { start: 0, end: archive.length }) {
      isOpen++;
      try {
        for (let at = start; at < end; at += 1000) {
          yield await Promise.resolve(archive.subarray(at, Math.min(at + 1000, end)));
        }
      } finally {
        isOpen--;
      }
    },
  };
  const files = valueOf(await new ZipArchiveReader().open(file));
  for await (const part of files.get('big')!.content()) {
    assert.ok(part.length > 0);
    break;
  }
  assert.is(isOpen, 0);
  assert.equal(await allOf(files.get('big')!.content()), big);
});

hostile.run();
