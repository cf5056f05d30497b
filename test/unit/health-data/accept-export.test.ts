import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, bytes, memoryWorld, NOW_MS, replacing, textOf, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const accept = (world: World, content: AsyncIterable<Uint8Array>, limitBytes = 10_000) =>
  acceptExport(world)({ owner: ADA, content, limitBytes, timezone: 'Europe/Berlin' });
const zip = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => [0x50, 0x4b, 3, 4][i] ?? i % 256);

async function assertNothingKept(world: World): Promise<void> {
  assert.equal(valueOf(await world.uploads.list(ADA, 10)), []);
  assert.equal(valueOf(await world.objects.list(ADA)), []);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
}

test('an XML export is kept byte for byte, recorded and queued', async () => {
  const world = memoryWorld();
  const upload = valueOf(await accept(world, bytes('<?xml version="1.0"?>', '<HealthData/>')));
  const id = '00000000-0000-4000-8000-000000000001';
  assert.equal(upload, {
    owner: ADA,
    processingId: id,
    kind: 'healthkit-export',
    status: 'processing',
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
    uploadSource: 'apple_health_export',
    raw: {
      key: `uploads/2025/03/03/${ADA}/${id}.xml`,
      sha256: world.digest.sha256Hex('<?xml version="1.0"?><HealthData/>'),
      bytes: 34,
    },
    timezone: 'Europe/Berlin',
    syncToken: null,
    progress: 0,
    message: 'The file is kept; its import is queued.',
    counts: { accepted: {}, duplicates: {}, rejected: [], span: null, timeZone: null },
    failure: null,
  });
  assert.equal(valueOf(await world.uploads.get(ADA, upload.processingId)), upload);
  assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), '<?xml version="1.0"?><HealthData/>');
  const job = valueOf(await world.queue.claim(NOW_MS, 1000));
  assert.equal([job?.owner, job?.upload, job?.attempt], [ADA, upload.processingId, 1]);
  assert.is(errorOf(await world.uploads.get(BOB, upload.processingId)).kind, 'not-found');
});

test('a zip archive is told by its first bytes', async () => {
  const upload = valueOf(await accept(memoryWorld(), bytes(zip(300))));
  assert.match(upload.raw?.key ?? '', /\.zip$/);
  assert.is(upload.raw?.bytes, 300);
});

test('an XML document may begin with a byte order mark and white space', async () => {
  for (const start of ['\ufeff<', ' \t\r\n<', '\ufeff\n<']) {
    const upload = valueOf(await accept(memoryWorld(), bytes(`${start}HealthData/>`)));
    assert.match(upload.raw?.key ?? '', /\.xml$/);
  }
});

test('an empty file is refused, and nothing is kept', async () => {
  for (const content of [bytes(), bytes('', '')]) {
    const world = memoryWorld();
    assert.equal(errorOf(await accept(world, content)), {
      kind: 'export-unreadable',
      code: 'empty-file',
      message: 'the file is empty',
      place: 'byte 0',
    });
    await assertNothingKept(world);
  }
});

test('what is neither zip nor XML is refused, and nothing is kept', async () => {
  for (const text of ['timestamp,count', '{}', 'P', '\ufeff', '   ', 'PDF-1.4', `${' '.repeat(80)}x`]) {
    const world = memoryWorld();
    const error = errorOf(await accept(world, bytes(text)));
    assert.ok(error.kind === 'export-unreadable' && error.code === 'not-an-export', JSON.stringify(error));
    await assertNothingKept(world);
  }
});

test('however the stream is cut, the same bytes are kept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 12 }), async (sizes) => {
      const content = `<HealthData>${'x'.repeat(sizes.reduce((sum, size) => sum + size, 0))}`;
      const parts: string[] = [];
      let at = 0;
      for (const size of sizes) {
        parts.push(content.slice(at, at + size));
        at += size;
      }
      parts.push(content.slice(at));
      const world = memoryWorld();
      const upload = valueOf(await accept(world, bytes(...parts)));
      assert.is(await textOf(world.objects.open(ADA, upload.raw?.key ?? '')), content);
    }),
    { numRuns: 50 },
  );
});

test('a file over the limit is refused, and nothing is kept', async () => {
  const world = memoryWorld();
  assert.equal(errorOf(await accept(world, bytes(zip(60), zip(60)), 119)), {
    kind: 'object-too-large',
    limitBytes: 119,
  });
  await assertNothingKept(world);
  valueOf(await accept(world, bytes(zip(60), zip(60)), 120));
});

async function* breakingAfter(size: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(zip(size));
  throw new Error('the client went away');
}

test('a stream that breaks, early or late, leaves nothing behind', async () => {
  for (const size of [10, 1000]) {
    const world = memoryWorld();
    const error = errorOf(await accept(world, breakingAfter(size)));
    assert.ok(error.kind === 'port-unavailable' && error.cause.includes('the client went away'), JSON.stringify(error));
    await assertNothingKept(world);
  }
});

test('where the upload cannot be recorded it is not queued', async () => {
  const down = portUnavailable('UploadStore', 'insert', 'the database is locked');
  const world = memoryWorld();
  const broken = { ...world, uploads: replacing(world.uploads, { insert: failing(down) }) };
  assert.equal(errorOf(await accept(broken, bytes('<HealthData/>'))), down);
  assert.is(valueOf(await world.queue.claim(NOW_MS, 1000)), null);
});

test.run();
