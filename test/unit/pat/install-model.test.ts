import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { chooseModel } from '../../../core/pat/installed/catalogue.ts';
import { goldenFault } from '../../../core/pat/encoder/golden.ts';
import { installModel, type InstallModelCommand } from '../../../core/pat/installed/install-model.ts';
import { loadModel } from '../../../core/pat/installed/load-model.ts';
import type { FileSource, WeightFile, WeightFileReader } from '../../../core/pat/ports.ts';
import { tensorsOf } from '../../../core/pat/encoder/architecture.ts';
import { encodeByDefinition } from '../../../core/pat/encoder/reference-encoder.ts';
import { goldenInput } from '../../../core/pat/encoder/golden.ts';
import { verifyModels } from '../../../core/pat/installed/verify-models.ts';
import { namedTensors, type PatWeights } from '../../../core/pat/encoder/weights.ts';
import { kerasName, seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const installing = suite('installing an encoder');

/** What a reader makes of these weights' file. */
function weightFile(weights: PatWeights): WeightFile {
  const tensors = namedTensors(weights);
  const paths = new Map(tensorsOf(weights.architecture).map((tensor) => [`/${kerasName(tensor.name)}`, tensor]));
  const groups = new Map<string, readonly string[]>([['/', []]]);
  for (const path of paths.keys()) groups.set(`/${path.split('/')[1]!}`, []);
  return {
    groups,
    tensors: new Map([...paths].map(([path, { name, shape }]) => [path, { shape, values: tensors.get(name)! }])),
  };
}

const FILES: Readonly<Record<string, PatWeights>> = { one: seededWeights('S', 1), two: seededWeights('S', 2) };

/** Files whose whole content is their key. */
const source: FileSource = {
  fetch: (location) => {
    const [name = '', content = ''] = location.split('=');
    return content === ''
      ? errAsync({ kind: 'file-not-fetched', location, reason: 'there is no such file' })
      : okAsync({ name, location, bytes: new TextEncoder().encode(content) });
  },
};
const reader: WeightFileReader = {
  read: (bytes) => {
    const weights = FILES[new TextDecoder().decode(bytes)];
    return weights === undefined
      ? errAsync({ kind: 'weight-file-unreadable', reason: 'The file is not an HDF5 file.' })
      : okAsync(weightFile(weights));
  },
};

let repository: MemoryModelRepository;
const install = (from: string, changes: Partial<InstallModelCommand> = {}) =>
  installModel({ source, reader, repository, digest: nodeDigest, clock: new SettableClock() })({
    from,
    name: null,
    replace: false,
    ...changes,
  });

installing.before.each(() => {
  repository = new MemoryModelRepository(nodeDigest);
});

installing('a file is converted, entered with hashes, licence and citation, and can be used', async () => {
  const { entry, already } = valueOf(await install('PAT-S_29k_weights.h5=one'));
  assert.not.ok(already);
  const sha256 = nodeDigest.sha256Hex('one');
  assert.is(entry.id, `PAT-S-${sha256.slice(0, 12)}`);
  assert.is(entry.name, 'PAT-S_29k_weights');
  assert.equal(entry.source, { location: 'PAT-S_29k_weights.h5=one', sha256, bytes: 3 });
  assert.is(entry.licence, 'CC-BY-4.0');
  assert.match(entry.attribution, 'Jacobson');
  assert.match(entry.citation, '2411.15240');
  assert.is(entry.installed_at, '2025-03-03T12:00:00.000Z');
  const { weights } = valueOf(await loadModel({ repository })('S'));
  assert.equal(weights, FILES['one']);
  assert.is(goldenFault(entry.golden, Float32Array.from(encodeByDefinition(weights, goldenInput()).pooled)), null);
});

installing('the same file once more changes nothing but which one is used', async () => {
  await install('a.h5=one');
  await install('b.h5=two');
  const { already, entry } = valueOf(await install('a.h5=one'));
  assert.ok(already);
  const catalogue = valueOf(await repository.catalogue());
  assert.is(catalogue.models.length, 2);
  assert.is(chooseModel(catalogue, null)?.id, entry.id);
});

installing(
  'another file under a known name is refused with both hashes, unless it is meant to replace it',
  async () => {
    await install('PAT-S.h5=one');
    const refused = errorOf(await install('PAT-S.h5=two'));
    assert.equal(refused, {
      kind: 'hash-differs',
      name: 'PAT-S',
      recordedSha256: nodeDigest.sha256Hex('one'),
      givenSha256: nodeDigest.sha256Hex('two'),
    });
    valueOf(await install('PAT-S.h5=two', { name: 'another' }));
    assert.is(valueOf(await repository.catalogue()).models.length, 2);
    repository = new MemoryModelRepository(nodeDigest);
    await install('PAT-S.h5=one');
    const { entry } = valueOf(await install('PAT-S.h5=two', { replace: true }));
    assert.equal(
      valueOf(await repository.catalogue()).models.map(({ id }) => id),
      [entry.id],
    );
  },
);

installing('a damaged conversion is made anew by installing the file again', async () => {
  const { entry } = valueOf(await install('a.h5=one'));
  repository.damage(entry.converted.file);
  assert.match(valueOf(await verifyModels({ repository })()).files[0]?.fault ?? '', 'not the file that was installed');
  assert.not.ok(valueOf(await install('a.h5=one')).already);
  assert.equal(valueOf(await verifyModels({ repository })()).files, [
    { id: entry.id, file: entry.converted.file, fault: null },
  ]);
});

installing('what cannot be fetched or read is refused as it is said, and nothing is entered', async () => {
  assert.is(errorOf(await install('gone.h5')).kind, 'file-not-fetched');
  assert.is(errorOf(await install('bad.h5=three')).kind, 'weight-file-unreadable');
  assert.equal(valueOf(await repository.catalogue()).models, []);
});

installing('a model is chosen by size, by id, or as the last installed', async () => {
  const one = valueOf(await install('a.h5=one')).entry;
  const two = valueOf(await install('b.h5=two')).entry;
  const catalogue = valueOf(await repository.catalogue());
  const chosen = (wanted: string | null): string | undefined => chooseModel(catalogue, wanted)?.id;
  assert.equal([chosen(null), chosen('S'), chosen('pat-s'), chosen(one.id)], [two.id, two.id, two.id, one.id]);
  assert.is(chosen('M'), undefined);
  const unknown = errorOf(await loadModel({ repository })('M'));
  assert.is('status' in unknown && unknown.status, 'weights_unknown');
});

installing.run();
