import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileObjectStore } from '../../../adapters/filesystem/object-store.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { durableObjectStoreContract, objectStoreContract } from '../../contracts/object-store.contract.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-objects-'));
  const root = path.join(folder, 'not', 'there', 'yet');
  return {
    folder,
    root,
    store: new FileObjectStore(root),
    reopen: async () => new FileObjectStore(root),
    close: () => rm(folder, { recursive: true, force: true }),
  };
};

objectStoreContract('filesystem', make);
durableObjectStoreContract('filesystem', make);

const files = suite('file object store');

const ADA = userId('ada');

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

const filesBelow = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();

const over = (title: string, body: (under: Awaited<ReturnType<typeof make>>) => Promise<void>): void => {
  files(title, async () => {
    const under = await make();
    try {
      await body(under);
    } finally {
      await under.close();
    }
  });
};

over('nothing is ever written outside the root folder', async ({ folder, root, store }) => {
  for (const name of ['..', '../..', '/', '', '.', '../x', 'a/../../../x', path.join(folder, 'x'), 'x\0y', '~']) {
    valueOf(await store.put(userId(name), name, content('x'), 10));
  }
  for (const file of await filesBelow(folder)) assert.ok(file.startsWith(path.relative(folder, root) + path.sep), file);
});

over('folders and files are closed to other users', async ({ root, store }) => {
  valueOf(await store.put(ADA, 'a/b', content('x'), 10));
  const modeOf = async (...names: string[]) => (await stat(path.join(root, ...names))).mode & 0o777;
  assert.is(await modeOf(), 0o700);
  assert.is(await modeOf('ada+'), 0o700);
  assert.is(await modeOf('ada+', 'a+'), 0o700);
  assert.is(await modeOf('ada+', 'a+', 'b'), 0o600);
});

over('no unfinished file stays behind, whether a write succeeds, fails or is too large', async ({ root, store }) => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('half'));
    throw new Error('the sender went away');
  }
  valueOf(await store.put(ADA, 'a', content('x'), 10));
  errorOf(await store.put(ADA, 'b', failing(), 10));
  errorOf(await store.put(ADA, 'c', content('too long'), 3));
  assert.equal(await filesBelow(root), [path.join('ada+', 'a')]);
});

over('what a killed process left unfinished is no object, and can be removed', async ({ root, store }) => {
  valueOf(await store.put(ADA, 'a', content('x'), 10));
  await writeFile(path.join(root, '.incoming', 'left'), 'half');
  assert.equal(valueOf(await store.list(ADA)), ['a']);
  assert.equal(valueOf(await store.list(userId('.incoming'))), []);
  const { mtimeMs } = await stat(path.join(root, '.incoming', 'left'));
  valueOf(await store.removeUnfinished(mtimeMs));
  assert.ok((await filesBelow(root)).includes(path.join('.incoming', 'left')), 'another process may be writing it');
  valueOf(await store.removeUnfinished(mtimeMs + 1));
  assert.equal(await filesBelow(root), [path.join('ada+', 'a')]);
  valueOf(await store.put(ADA, 'b', content('y'), 10));
});

over('deleting the last object leaves no folder that tells of the owner', async ({ root, store }) => {
  valueOf(await store.put(ADA, '2025/03/10/a', content('x'), 10));
  valueOf(await store.put(ADA, '2025/04/b', content('x'), 10));
  valueOf(await store.delete(ADA, '2025/03/10/a'));
  assert.equal(await readdir(path.join(root, 'ada+', '2025+')), ['04+']);
  valueOf(await store.delete(ADA, '2025/04/b'));
  assert.equal(await readdir(root), ['.incoming']);
});

over('files that are not objects are not listed', async ({ root, store }) => {
  valueOf(await store.put(ADA, 'a', content('x'), 10));
  await writeFile(path.join(root, 'ada+', '.DS_Store'), '');
  await writeFile(path.join(root, 'ada+', 'UPPER'), '');
  await mkdir(path.join(root, 'ada+', 'strange'));
  await writeFile(path.join(root, 'ada+', 'strange', 'x'), '');
  assert.equal(valueOf(await store.list(ADA)), ['a']);
});

over('an object that was cut short on disk fails the reader instead of ending early', async ({ root, store }) => {
  valueOf(await store.put(ADA, 'a', content('0123456789'), 10));
  const source = valueOf(await store.open(ADA, 'a'));
  await writeFile(path.join(root, 'ada+', 'a'), '01234');
  let failure = '';
  try {
    for await (const part of source.stream()) assert.ok(part.length > 0);
  } catch (error) {
    failure = String(error);
  }
  assert.match(failure, 'the file changed');
});

over('a root that cannot be written to is unavailable', async ({ folder }) => {
  await writeFile(path.join(folder, 'file'), '');
  const store = new FileObjectStore(path.join(folder, 'file'));
  assert.is(errorOf(await store.put(ADA, 'a', content('x'), 10)).kind, 'port-unavailable');
  assert.is(errorOf(await store.open(ADA, 'a')).kind, 'not-found');
});

over('half of a surrogate pair cannot name an object', async ({ store }) => {
  const error = errorOf(await store.put(ADA, 'half \ud800', content('x'), 10));
  assert.is(error.kind, 'port-unavailable');
  if (error.kind === 'port-unavailable') assert.is(error.retryable, false);
  assert.is(errorOf(await store.open(ADA, 'half \ud800')).kind, 'not-found');
});

over('half of a surrogate pair names no owner whose objects could be erased', async ({ store }) => {
  valueOf(await store.put(userId('half \ufffd'), 'a', content('x'), 10));
  valueOf(await store.eraseOwner(userId('half \ud800')));
  assert.equal(valueOf(await store.list(userId('half \ufffd'))), ['a']);
});

files.run();
