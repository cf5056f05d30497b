import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileModelRepository } from '../../../adapters/filesystem/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { loadModel } from '../../../core/pat/installed/load-model.ts';
import { modelRepositoryContract } from '../../contracts/model-repository.contract.ts';
import { installWeights } from '../../fixtures/pat/installed-models.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const temporary = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'clarity-models-'));

modelRepositoryContract('files', async () => {
  const folder = await temporary();
  return {
    models: new FileModelRepository(path.join(folder, 'models'), nodeDigest),
    another: () => new FileModelRepository(path.join(folder, 'models'), nodeDigest),
    damage: async (file) => {
      const where = path.join(folder, 'models', file);
      const bytes = await readFile(where);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(where, bytes);
    },
    close: () => rm(folder, { recursive: true }),
  };
});

const files = suite('models in a folder');
let folder = '';
let models: FileModelRepository;
const at = (name: string): string => path.join(folder, name);

files.before.each(async () => {
  folder = await temporary();
  models = new FileModelRepository(folder, nodeDigest);
});
files.after.each(() => rm(folder, { recursive: true }));

const statusOf = async (wanted: string | null = null): Promise<string> => {
  const error = errorOf(await loadModel({ repository: models })(wanted));
  return error.kind === 'model-unavailable' ? error.status : error.kind;
};

files('nothing, something unknown and something damaged are three states', async () => {
  assert.is(await statusOf(), 'weights_not_installed');
  await writeFile(at('PAT-S_29k_weights.h5'), 'x');
  assert.is(await statusOf(), 'weights_unknown');
  const entry = await installWeights(models, 'PAT-S-one', seededWeights('S'));
  assert.is(valueOf(await loadModel({ repository: models })(null)).entry.id, 'PAT-S-one');
  assert.is(await statusOf('M'), 'weights_unknown');
  await writeFile(at(entry.converted.file), 'cut off');
  assert.is(await statusOf(), 'weights_corrupt');
});

files('a manifest that cannot be made sense of fails closed and says what is wrong', async () => {
  for (const [text, reason] of [
    ['{', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['{"schema":"clarity.models/9"}', 'schema'],
    ['{"schema":"clarity.models/1","models":[{"id":"x"}],"heads":[],"populations":[]}', 'entry 0 of "models"'],
  ] as const) {
    await writeFile(at('manifest.json'), text);
    const error = errorOf(await models.catalogue());
    assert.is(error.kind, 'model-unavailable');
    assert.match('message' in error ? error.message : '', reason);
    assert.is(await statusOf(), 'weights_corrupt');
  }
});

files('a link that leads out of the folder is not followed, one that stays inside is', async () => {
  const outside = await temporary();
  const entry = await installWeights(models, 'PAT-S-one', seededWeights('S'));
  const { file } = entry.converted;
  await writeFile(path.join(outside, 'weights'), await readFile(at(file)));
  await rm(at(file));
  await symlink(path.join(outside, 'weights'), at(file));
  assert.is(await statusOf(), 'weights_corrupt');
  await writeFile(at('inside'), await readFile(path.join(outside, 'weights')));
  await rm(at(file));
  await symlink(at('inside'), at(file));
  assert.is(valueOf(await models.readWeights(entry)).entry.id, 'PAT-S-one');
  await rm(outside, { recursive: true });
});

files('changes of the manifest by many at once are all kept', async () => {
  const others = [new FileModelRepository(folder, nodeDigest), new FileModelRepository(folder, nodeDigest), models];
  await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      others[i % 3]!.changeCatalogue((catalogue) => ({
        ...catalogue,
        populations: [
          ...catalogue.populations,
          { name: `p${i}`, signal: 'steps', file: 'p.json', sha256: 'ab'.repeat(32), bytes: 1, installed_at: 'now' },
        ],
      })),
    ),
  );
  assert.is(valueOf(await models.catalogue()).populations.length, 12);
  assert.equal(await readdir(folder), ['manifest.json']);
});

files('a lock that somebody died with is broken', async () => {
  await writeFile(at('.manifest.lock'), '');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(at('.manifest.lock'), longAgo, longAgo);
  valueOf(await models.changeCatalogue((catalogue) => catalogue));
});

files('a folder in the place of a file is no file', async () => {
  await mkdir(at('head.json'));
  const error = errorOf(await models.readText({ file: 'head.json', sha256: 'ab'.repeat(32), bytes: 1 }));
  assert.is(error.kind, 'model-unavailable');
});

files.run();
