import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EMPTY_CATALOGUE } from '../../core/pat/installed/catalogue.ts';
import type { ModelRepository } from '../../core/pat/ports.ts';
import { namedTensors } from '../../core/pat/encoder/weights.ts';
import { entryOf, installWeights } from '../fixtures/pat/installed-models.ts';
import { seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** A repository that is empty, and a way to change a stored byte behind its back. */
export interface RepositoryUnderTest {
  readonly models: ModelRepository;
  /** Another process's view of the same models. */
  readonly another: () => ModelRepository;
  readonly damage: (file: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const WEIGHTS = seededWeights('S');

/** What every `ModelRepository` does. */
export function modelRepositoryContract(name: string, make: () => Promise<RepositoryUnderTest>): void {
  const contract = suite(`ModelRepository: ${name}`);
  let under: RepositoryUnderTest;
  contract.before.each(async () => {
    under = await make();
  });
  contract.after.each(() => under.close());

  contract('holds nothing at first, and says so without an error', async () => {
    assert.equal(valueOf(await under.models.catalogue()), EMPTY_CATALOGUE);
    assert.equal(valueOf(await under.models.strays()), []);
  });

  contract('gives weights back bit for bit, under the hash that it recorded', async () => {
    const entry = await installWeights(under.models, 'PAT-S-one', WEIGHTS);
    assert.match(entry.converted.sha256, /^[0-9a-f]{64}$/);
    const { weights, entry: read } = valueOf(await under.models.readWeights(entry));
    assert.equal(read, entry);
    const expected = namedTensors(WEIGHTS);
    for (const [tensor, values] of namedTensors(weights)) assert.equal(values, expected.get(tensor), tensor);
    assert.equal(valueOf(await under.models.catalogue()).models, [entry]);
  });

  contract('keeps texts in the same way', async () => {
    const stored = valueOf(await under.models.writeText('a-head.head.json', '{"grüße":1}'));
    assert.is(valueOf(await under.models.readText(stored)), '{"grüße":1}');
    await under.damage(stored.file);
    assert.is(errorOf(await under.models.readText(stored)).kind, 'model-unavailable');
  });

  contract('another revision after every change of the manifest, the same one without', async () => {
    const before = valueOf(await under.models.revision());
    assert.is(valueOf(await under.models.revision()), before);
    await installWeights(under.models, 'PAT-S-one', WEIGHTS);
    const after = valueOf(await under.models.revision());
    assert.is.not(after, before);
    assert.is(valueOf(await under.models.revision()), after);
  });

  contract('weights with one other byte are corrupt, and are not handed out', async () => {
    const entry = await installWeights(under.models, 'PAT-S-one', WEIGHTS);
    await under.damage(entry.converted.file);
    const refused = errorOf(await under.models.readWeights(entry));
    assert.is(refused.kind, 'model-unavailable');
    assert.is('status' in refused && refused.status, 'weights_corrupt');
  });

  contract('weights that the manifest names and the folder lacks are corrupt', async () => {
    const entry = entryOf('PAT-S-gone', WEIGHTS, {
      file: 'PAT-S-gone.safetensors',
      sha256: 'ab'.repeat(32),
      bytes: 10,
    });
    const refused = errorOf(await under.models.readWeights(entry));
    assert.is('status' in refused && refused.status, 'weights_corrupt');
  });

  contract('weights that no entry names are strays', async () => {
    const stored = valueOf(await under.models.writeWeights('PAT-S-stray', WEIGHTS, {}));
    assert.equal(valueOf(await under.models.strays()), [stored.file]);
    await installWeights(under.models, 'PAT-S-stray', WEIGHTS);
    assert.equal(valueOf(await under.models.strays()), []);
  });

  contract('no name leads out of the folder, neither for reading nor for writing', async () => {
    for (const file of ['../manifest.json', '..', 'a/b.safetensors', '/etc/passwd', 'a..b', '.hidden', 'a\\b', '']) {
      const read = errorOf(await under.models.readText({ file, sha256: 'ab'.repeat(32), bytes: 1 }));
      assert.is(read.kind, 'model-unavailable', file);
      assert.is(errorOf(await under.models.writeText(file, 'x')).kind, 'port-unavailable', file);
    }
  });

  contract('another process finds what was installed', async () => {
    const entry = await installWeights(under.models, 'PAT-S-one', WEIGHTS);
    const other = under.another();
    assert.equal(valueOf(await other.catalogue()).models, [entry]);
    assert.equal(valueOf(await other.readWeights(entry)).entry, entry);
    assert.is(valueOf(await other.revision()), valueOf(await under.models.revision()));
  });

  contract('changes of the manifest by many at once are all kept', async () => {
    const others = [under.models, under.another(), under.another()];
    const names = Array.from({ length: 9 }, (_, i) => `p${String(i)}`);
    const changes = names.map((name, i) =>
      others[i % 3]!.changeCatalogue((catalogue) => ({
        ...catalogue,
        populations: [
          ...catalogue.populations,
          { name, signal: 'steps', file: 'p.json', sha256: 'ab'.repeat(32), bytes: 1, installed_at: 'now' },
        ],
      })),
    );
    for (const change of await Promise.all(changes)) valueOf(change);
    const kept = valueOf(await under.models.catalogue()).populations.map(({ name }) => name);
    assert.equal(kept.toSorted(), names);
  });

  contract('a file of the same name takes the place of the one before', async () => {
    const before = valueOf(await under.models.writeText('a.head.json', 'before'));
    const after = valueOf(await under.models.writeText('a.head.json', 'after'));
    assert.is(valueOf(await under.models.readText(after)), 'after');
    assert.is(errorOf(await under.models.readText(before)).kind, 'model-unavailable');
  });

  contract.run();
}
