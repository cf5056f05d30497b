import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LocalFileSource } from '../../../adapters/filesystem/file-source.ts';
import { fileSourceContract, type SourceUnderTest } from '../../contracts/file-source.contract.ts';
import { errorOf } from '../../unit/result-values.ts';

const localFiles = (locationOf: (file: string) => string) => async (): Promise<SourceUnderTest> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-source-'));
  return {
    source: new LocalFileSource(),
    put: async (name, content) => {
      await writeFile(path.join(folder, name), content);
      return locationOf(path.join(folder, name));
    },
    absent: locationOf(path.join(folder, 'absent.h5')),
    close: () => rm(folder, { recursive: true }),
  };
};

fileSourceContract(
  'paths',
  localFiles((file) => file),
);
fileSourceContract(
  'file: URLs',
  localFiles((file) => pathToFileURL(file).href),
);

test('a folder is no file, and a file URL of another machine is none either', async () => {
  assert.match(errorOf(await new LocalFileSource().fetch(tmpdir(), 100)).reason, 'not a file');
  assert.is(errorOf(await new LocalFileSource().fetch('file://elsewhere/x.h5', 100)).kind, 'file-not-fetched');
});

test.run();
