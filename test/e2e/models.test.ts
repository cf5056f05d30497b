import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writePlaceholderH5, writeSeededH5 } from '../fixtures/pat/write-h5.ts';
import { runClarity, type Ended } from './running-service.ts';

const modelsAndHeads = suite('models, populations and heads on the command line');

let folder = '';
const file = (name: string): string => path.join(folder, name);
const clarity = (...args: readonly string[]): Promise<Ended> =>
  runClarity(folder, args, { PAT_MODEL_BASE_DIR: file('models') });

/** Weeks of simulated people: those with label 1 are active four hours later than the others. */
function trainingFiles(people: number): { readonly weeks: string; readonly labels: string } {
  let state = 7;
  const chance = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const header = `person,week,${Array.from({ length: 10_080 }, (_, minute) => `m${minute}`).join(',')}`;
  const rows = Array.from({ length: people }, (_, person) => {
    const [peak, height] = [600 + (person % 2) * 240 + chance() * 90, 60 + chance() * 60];
    const values = Array.from({ length: 10_080 }, (__, minute) => {
      const wave = Math.cos((2 * Math.PI * (minute - peak)) / 1440);
      return Math.max(0, Math.round(height * (wave + (chance() - 0.3) * 1.2)));
    });
    return `p${person},0,${values.join(',')}`;
  });
  const labels = Array.from({ length: people }, (_, person) => `p${person},${person % 2}`);
  return { weeks: [header, ...rows].join('\n'), labels: ['person,label', ...labels].join('\n') };
}

modelsAndHeads.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-models-cli-'));
  await writeFile(file('PAT-S_29k_weights.h5'), await writeSeededH5('S'));
  await writeFile(file('PAT-M_29k_weights.h5'), await writeSeededH5('M', { layout: 'full' }));
  await writeFile(file('placeholder.h5'), await writePlaceholderH5());
  assert.is((await clarity('simulate', '--days', '8', '--seed', '7', '--out', 'counts.csv')).code, 0);
});

modelsAndHeads.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

const analysed = async (...more: readonly string[]): Promise<any> =>
  JSON.parse((await clarity('analyze', 'counts.csv', '--timezone', 'Europe/Berlin', '--json', ...more)).out);

modelsAndHeads(
  'before anything is installed the list is empty and an analysis says why there is no embedding',
  async () => {
    assert.match((await clarity('models', 'list')).out, 'No encoder is installed');
    assert.match((await clarity('models', 'verify')).out, 'Nothing is installed');
    const { model } = await analysed();
    assert.is(model.status, 'weights_not_installed');
  },
);

modelsAndHeads('both layouts of the authors’ files are installed, recorded and verified', async () => {
  const first = await clarity('models', 'install', 'PAT-S_29k_weights.h5');
  assert.is(first.code, 0, first.notes);
  assert.match(first.out, 'CC-BY-4.0');
  const second = await clarity('models', 'install', pathToFileURL(file('PAT-M_29k_weights.h5')).href);
  assert.is(second.code, 0, second.notes);
  const manifest = JSON.parse((await clarity('models', 'list', '--json')).out);
  assert.equal(
    manifest.models.map(({ size, name }: any) => [size, name]),
    [
      ['S', 'PAT-S_29k_weights'],
      ['M', 'PAT-M_29k_weights'],
    ],
  );
  assert.match((await clarity('models', 'list')).out, /^\* PAT-M-/m);
  const verified = await clarity('models', 'verify');
  assert.is(verified.code, 0);
  assert.is(verified.out.match(/^ok /gm)?.length, 2);
  assert.match((await clarity('models', 'install', 'PAT-S_29k_weights.h5')).out, 'installed before, and is sound');
});

modelsAndHeads('an analysis carries the embedding of the model and the engine that were asked for', async () => {
  const wasm = await analysed('--model', 'S', '--engine', 'wasm');
  assert.is(wasm.model.name, 'PAT-S');
  assert.match(wasm.model.engine, 'WebAssembly');
  const any = await analysed('--model', 'S');
  const farthest = Math.max(
    ...any.model.embedding.map((value: number, i: number) => Math.abs(value - wasm.model.embedding[i])),
  );
  assert.ok(farthest < 2e-5, `engines differ by ${farthest}`);
  // It was installed again, so it is the last one.
  assert.is((await analysed()).model.name, 'PAT-S');
  assert.is((await analysed('--model', 'M')).model.name, 'PAT-M');
  assert.is((await analysed('--model', 'S', '--encode-days', '3')).model.encoding.days, 3);
  assert.is((await analysed('--model', 'L')).model.status, 'weights_unknown');
});

modelsAndHeads('what is no encoder is refused with its reason, and nothing is entered', async () => {
  await writeFile(file('text.h5'), 'no weights');
  await writeFile(file('cut.h5'), (await readFile(file('PAT-S_29k_weights.h5'))).subarray(0, 200_000));
  const before = await readFile(file('models/manifest.json'), 'utf8');
  for (const [name, reason] of [
    ['placeholder.h5', 'random numbers'],
    ['text.h5', 'not an HDF5 file'],
    ['cut.h5', /damaged|cut|truncated|cannot be read/],
    ['absent.h5', 'no such file'],
    ['http://models.example/x.h5', 'not an https URL'],
  ] as const) {
    const { code, notes } = await clarity('models', 'install', name);
    assert.is(code, 1, name);
    assert.match(notes, reason);
    assert.not.match(notes, /\n\s+at /, 'no stack');
  }
  assert.is(await readFile(file('models/manifest.json'), 'utf8'), before);
});

modelsAndHeads('another file of a known name is held to the recorded hash', async () => {
  await writeFile(file('PAT-S_29k_weights.h5'), await writeSeededH5('M'));
  const refused = await clarity('models', 'install', 'PAT-S_29k_weights.h5');
  assert.is(refused.code, 1);
  assert.match(refused.notes, '--replace');
});

modelsAndHeads('damaged weights, and a link out of the folder, are found and never used', async () => {
  const manifest = JSON.parse(await readFile(file('models/manifest.json'), 'utf8'));
  const { converted } = manifest.models.find(({ size }: any) => size === 'S');
  const small = file(`models/${converted.file}`);
  const bytes = await readFile(small);
  await writeFile(file('elsewhere'), bytes);
  await rm(small);
  await symlink(file('elsewhere'), small);
  assert.match((await clarity('models', 'verify')).out, /BAD.*out of the model folder/);
  await rm(small);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(small, bytes);
  const verified = await clarity('models', 'verify');
  assert.is(verified.code, 1);
  assert.match(verified.out, /BAD.*SHA-256/);
  const { model } = await analysed('--model', 'S');
  assert.is(model.status, 'weights_corrupt');
  assert.is(model.embedding, null);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(small, bytes);
  assert.is((await clarity('models', 'verify')).code, 0);
});

modelsAndHeads('a head is trained with its card and scores what it was trained for, and nothing else', async () => {
  const { weeks, labels } = trainingFiles(30);
  await writeFile(file('weeks.csv'), weeks);
  await writeFile(file('labels.csv'), labels);
  const training = ['heads', 'train', '--weeks', 'weeks.csv', '--labels', 'labels.csv', '--task', 'depression'];
  const trained = await clarity(...training, '--data', 'Thirty simulated people', '--model', 'S', '--out', 'head.json');
  assert.is(trained.code, 0, trained.notes);
  assert.match(trained.out, 'AUC');
  const { card, task } = JSON.parse(await readFile(file('head.json'), 'utf8'));
  assert.equal([task, card.n_people, card.data_description], ['depression', 30, 'Thirty simulated people']);
  assert.is((await analysed('--model', 'S')).risk.depression, null);

  assert.match((await clarity('heads', 'install', 'head.json')).out, 'is installed');
  assert.match((await clarity('heads', 'list')).out, 'Thirty simulated people');
  assert.match((await clarity('heads', 'verify')).out, /^ok /);
  const { risk, algorithms } = await analysed('--model', 'S');
  assert.ok(risk.depression >= 0 && risk.depression <= 1);
  assert.equal(risk.scores, [{ task: 'depression', score: risk.depression, card_id: risk.scores[0].card_id }]);
  assert.match(risk.scores[0].card_id, /^depression-[0-9a-f]{12}$/);
  assert.ok('logistic_head' in algorithms);

  const other = await analysed('--model', 'M');
  assert.is(other.risk.depression, null);
  assert.match(
    other.not_computed.find(({ field }: any) => field === 'risk.depression').reason,
    'trained on the encoder',
  );
});

modelsAndHeads(
  'a reference population is made, installed and named; a head of another scaling then scores nothing',
  async () => {
    const facts = ['--name', 'simulated', '--signal', 'counts', '--unit', 'counts/min'];
    const rights = ['--data', 'Thirty simulated people', '--source', 'simulated', '--licence', 'CC0-1.0'];
    const made = await clarity('populations', 'fit', '--weeks', 'weeks.csv', ...facts, ...rights, '--out', 'pop.json');
    assert.is(made.code, 0, made.notes);
    assert.is((await clarity('populations', 'install', 'pop.json')).code, 0);
    const { model, risk } = await analysed('--model', 'S');
    assert.is(model.scaling, 'population');
    assert.is(model.encoding.reference_population, 'simulated');
    assert.is(risk.depression, null);
    assert.match((await clarity('populations', 'install', 'head.json')).notes, 'schema');
  },
);

modelsAndHeads('what is not understood is answered with the usage and exit code 2', async () => {
  for (const args of [
    ['models'],
    ['models', 'dance'],
    ['models', 'install'],
    ['models', 'install', 'a', 'b'],
    ['models', 'list', 'x'],
    ['heads'],
    ['heads', 'train'],
    ['heads', 'install'],
    ['heads', 'train', '--weeks', 'w', '--labels', 'l', '--task', 't', '--data', 'd', '--features', 'all'],
    ['populations', 'fit', '--weeks', 'weeks.csv'],
    ['analyze', 'counts.csv', '--engine', 'gpu'],
    ['analyze', 'counts.csv', '--encode-days', '15'],
  ]) {
    const { code, notes } = await clarity(...args);
    assert.is(code, 2, args.join(' '));
    assert.match(notes, 'Usage');
  }
});

modelsAndHeads.run();
