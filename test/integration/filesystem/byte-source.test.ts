import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileByteSource } from '../../../adapters/filesystem/byte-source.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const files = suite<{ folder: string }>('file byte source');

files.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'clarity-bytes-'));
});

files.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

files('a file is read whole or in any range, as often as wanted', async ({ folder }) => {
  const file = path.join(folder, 'größe ?.xml');
  const content = Buffer.from(Uint8Array.from({ length: 700_000 }, (_, i) => i % 253));
  await writeFile(file, content);
  const source = valueOf(await fileByteSource(file));
  assert.is(source.sizeBytes, 700_000);
  for (const [start, end] of [
    [0, 700_000],
    [0, 0],
    [700_000, 700_000],
    [262_143, 262_145],
    [5, 600_001],
  ] as const) {
    assert.is(Buffer.compare(await collect(source.stream({ start, end })), content.subarray(start, end)), 0);
  }
  assert.is(Buffer.compare(await collect(source.stream()), content), 0);
});

files('a range outside the file is a fault of the program', async ({ folder }) => {
  const file = path.join(folder, 'short');
  await writeFile(file, '12345');
  const source = valueOf(await fileByteSource(file));
  let thrown: unknown = null;
  try {
    await collect(source.stream({ start: 0, end: 6 }));
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, RangeError);
});

files('a missing file and a folder are unavailable, and trying again would not help', async ({ folder }) => {
  for (const name of [path.join(folder, 'missing'), folder, path.join(folder, 'a\0b')]) {
    const error = errorOf(await fileByteSource(name));
    assert.equal([error.kind, error.retryable], ['port-unavailable', false]);
  }
});

files('a file that was replaced after it was opened fails the reader', async ({ folder }) => {
  const file = path.join(folder, 'changing');
  await writeFile(file, 'first');
  const source = valueOf(await fileByteSource(file));
  await rm(file);
  await writeFile(file, 'second, longer');
  let failure = '';
  try {
    await collect(source.stream());
  } catch (error) {
    failure = String(error);
  }
  assert.match(failure, 'the file changed');
});

files.run();
