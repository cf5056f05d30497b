import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { studyKeyInFolder } from '../../../adapters/filesystem/study-key-file.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const keyFile = suite('study key file');

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-study-key-'));
  try {
    await work(path.join(folder, 'keys'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

keyFile('of many who ask first, all get one key of 32 bytes, which only this user may read', async () => {
  await withFolder(async (folder) => {
    const keys = (await Promise.all(Array.from({ length: 10 }, () => studyKeyInFolder(folder)))).map(valueOf);
    for (const key of [...keys, valueOf(await studyKeyInFolder(folder))]) assert.equal(key, keys[0]);
    assert.is(keys[0]?.length, 32);
    assert.equal(await readdir(folder), ['study-key']);
    assert.is((await stat(path.join(folder, 'study-key'))).mode & 0o777, 0o600);
  });
});

keyFile('a file that is no key is an error, and stays as it is', async () => {
  await withFolder(async (folder) => {
    valueOf(await studyKeyInFolder(folder));
    await writeFile(path.join(folder, 'study-key'), 'cut off');
    assert.is(errorOf(await studyKeyInFolder(folder)).port, 'StudyKey');
  });
});

keyFile.run();
