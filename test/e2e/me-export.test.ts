import { once } from 'node:events';
import { request } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { userId } from '../../core/kernel/ids.ts';
import type { Storage } from '../../hosts/wiring/storage.ts';
import { memoryStorage } from '../../hosts/wiring/storage.ts';
import { openInstallation, withFolder } from '../integration/account/installations.ts';
import { fillAccount } from '../unit/account/full-account.ts';
import { dumpOf, linesOf, unzipped } from '../unit/archive/archive-world.ts';
import { memoryWorld, replacing, type World } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';

const exporting = suite('export and import over HTTP');

/** The use cases' world over the service's own storage. */
const worldOver = (storage: Storage): World => memoryWorld(storage);

async function download(service: InProcessService, token: string) {
  const response = await fetch(`${service.url}/api/v1/me/export`, { headers: { authorization: `Bearer ${token}` } });
  return { response, archive: Buffer.from(await response.arrayBuffer()) };
}

async function withService(storage: Storage, work: (service: InProcessService) => Promise<void>): Promise<void> {
  const service = await startInProcess({ MAX_EXPORT_BYTES: '2000000' }, storage);
  try {
    await work(service);
  } finally {
    await service.close();
  }
}

/** A person exports, is erased, signs up again, and imports; then somebody else imports the same. */
async function journey(service: InProcessService): Promise<void> {
  const { call, storage } = service;
  const ada = await service.person('ada@example.org');
  await fillAccount(worldOver(storage), userId(ada.id), 'ada-only');
  const before = await dumpOf(worldOver(storage), userId(ada.id));
  const { response, archive } = await download(service, ada.token);
  assert.is(response.status, 200);
  assert.is(response.headers.get('content-type'), 'application/zip');
  assert.match(
    response.headers.get('content-disposition') ?? '',
    /^attachment; filename="clarity-export-\d{4}-\d{2}-\d{2}\.zip"$/,
  );
  const profile = (await unzipped(archive)).get('profile.json')!.toString();
  assert.is((JSON.parse(profile) as { email: string }).email, 'ada@example.org');

  for (const store of ['uploads', 'samples', 'metrics', 'analyses', 'insights', 'objects'] as const) {
    valueOf(await storage[store].eraseOwner(userId(ada.id)));
  }
  const again = await call('POST', '/api/v1/me/import', { token: ada.token, body: archive, type: 'application/zip' });
  assert.is(again.status, 200, again.text);
  assert.equal(again.json.set_aside, []);
  assert.equal(again.json.counts.samples, { added: 480, already_there: 0, set_aside: 0 });
  assert.equal(await dumpOf(worldOver(storage), userId(ada.id)), before);

  const bob = await service.person('bob@example.org');
  const form = new FormData();
  form.set('file', new Blob([archive]), 'export.zip');
  const imported = await call('POST', '/api/v1/me/import', { token: bob.token, body: form });
  assert.is(imported.status, 200, imported.text);
  assert.equal(await dumpOf(worldOver(storage), userId(bob.id)), before);
  const bobs = await download(service, bob.token);
  const uploads = await linesOf(bobs.archive, 'uploads.ndjson');
  for (const { raw } of uploads) assert.ok((raw as { key: string }).key.includes(bob.id));
  assert.not(bobs.archive.includes(Buffer.from('ada@example.org')));
}

exporting('on memory, what was exported comes back, to its owner and to somebody else', async () => {
  await withService(memoryStorage(), journey);
});

exporting('in a database and a folder, what was exported comes back, to its owner and to somebody else', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    try {
      await withService(storage, journey);
    } finally {
      await storage.close();
    }
  });
});

exporting('both need a token, and a file that is none of ours is refused with its place', async () => {
  await withService(memoryStorage(), async (service) => {
    const { call, storage } = service;
    assert.is((await call('GET', '/api/v1/me/export')).status, 401);
    assert.is((await call('POST', '/api/v1/me/import', { body: 'PK', type: 'application/zip' })).status, 401);
    const { token, id } = await service.person('ada@example.org');
    const send = (body: string | Uint8Array, type = 'application/zip') =>
      call('POST', '/api/v1/me/import', { token, body, type });
    const { archive } = await download(service, token);
    const damaged = await send(archive.subarray(0, archive.length - 30));
    assert.equal([damaged.status, damaged.json.code], [422, 'unreadable-file']);
    assert.equal([damaged.json.errors[0].code, damaged.json.place], ['broken-zip', 'the archive’s directory']);
    assert.match(damaged.json.detail, 'cut off');
    assert.equal((await send('')).json.errors[0].code, 'empty-file');
    assert.is((await send('PK', 'image/png')).status, 415);
    const large = await send(new Uint8Array(2_000_001));
    assert.equal([large.status, large.json.code], [413, 'payload-too-large']);
    assert.equal(valueOf(await storage.objects.list(userId(id))), []);
  });
});

exporting('the same import sent again under its key is answered as the first was', async () => {
  await withService(memoryStorage(), async (service) => {
    const ada = await service.person('ada@example.org');
    await fillAccount(worldOver(service.storage), userId(ada.id), 'ada-only');
    const { archive } = await download(service, ada.token);
    const bob = await service.person('bob@example.org');
    const send = async () => {
      const response = await fetch(`${service.url}/api/v1/me/import`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${bob.token}`,
          'content-type': 'application/zip',
          'idempotency-key': 'import-1',
        },
        body: archive,
      });
      return [response.status, await response.text()];
    };
    const first = await send();
    assert.is(first[0], 200);
    assert.match(String(first[1]), '"added":480');
    assert.equal(await send(), first);
  });
});

exporting('a client that leaves in the middle of an export ends the work on it', async () => {
  const storage = memoryStorage();
  let reads = 0;
  let released = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    released = resolve;
  });
  const objects = replacing(storage.objects, {
    list: () => storage.objects.list(userId('nobody')).map(() => ['endless']),
    open: () =>
      storage.uploads.list(userId('nobody'), 1).map(() => ({
        sizeBytes: Number.MAX_SAFE_INTEGER,
        async *stream() {
          try {
            for (;;) {
              reads++;
              yield await Promise.resolve(new Uint8Array(65_536).map((_, i) => (i * reads * 31) % 256));
            }
          } finally {
            released();
          }
        },
      })),
  });
  await withService({ ...storage, objects }, async (service) => {
    const { token } = await service.person('ada@example.org');
    const { port, hostname } = new URL(service.url);
    const leaving = request({
      hostname,
      port,
      path: '/api/v1/me/export',
      headers: { authorization: `Bearer ${token}` },
    });
    leaving.on('error', () => undefined);
    leaving.end();
    const [response] = (await once(leaving, 'response')) as [AsyncIterable<Uint8Array>];
    let read = 0;
    for await (const part of response) {
      read += part.length;
      if (read > 300_000) break;
    }
    leaving.destroy();
    // Without the end of the work this waits for ever.
    await ended;
    assert.ok(reads > 0);
  });
});

exporting(
  'a store that fails in the middle breaks the connection, so that no half archive looks like a whole one',
  async () => {
    const storage = memoryStorage();
    const objects = replacing(storage.objects, {
      list: () => storage.objects.list(userId('nobody')).map(() => ['broken']),
      open: () =>
        storage.uploads.list(userId('nobody'), 1).map(() => ({
          sizeBytes: 10,
          async *stream() {
            yield await Promise.resolve(new Uint8Array(5));
            throw new Error('planted');
          },
        })),
    });
    await withService({ ...storage, objects }, async (service) => {
      const { token } = await service.person('ada@example.org');
      try {
        await download(service, token);
        assert.unreachable('the archive came whole');
      } catch (cause) {
        assert.instance(cause, TypeError);
      }
    });
  },
);

exporting.run();
