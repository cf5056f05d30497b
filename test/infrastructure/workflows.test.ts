import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';

const workflows = suite('workflows');
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = path.join(root, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const texts = Object.fromEntries(
  readdirSync(folder).map((name) => [name.replace(/\.yml$/, ''), readFileSync(path.join(folder, name), 'utf8')]),
);
const all = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parse(text) as Workflow]));
const jobs = Object.entries(all).flatMap(([name, workflow]) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ at: `${name}: ${id}`, job })),
);
const runs = ({ steps }: Job): readonly string[] => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

workflows('what is merged and what is released was checked by .ci/run, as on any machine', () => {
  const { ci, release } = all;
  const job = ci!.jobs['run']!;
  // Nothing else is checked there, so nothing else can be wrong there.
  assert.equal(
    runs(job).filter((line) => !line.startsWith('npm install --global npm@')),
    ['.ci/run'],
  );
  assert.equal(Object.keys(ci!.on).sort(), ['pull_request', 'push']);
  const { needs } = release!.jobs['image']!;
  assert.ok(runs(release!.jobs[needs ?? '']!).includes('.ci/run'));
});

workflows('actions are named by the commit that they are, with its version beside it', () => {
  const lines = Object.values(texts).flatMap((text) => text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line)));
  assert.ok(lines.length > 8, String(lines.length));
  assert.equal(
    lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
    [],
  );
  const versions = new Set(lines.map((line) => line.trim().replace('- ', '')));
  const names = new Set([...versions].map((line) => line.split('@')[0]));
  assert.is(versions.size, names.size, 'one action at two versions');
});

workflows('a job may read the sources, and only the release more, in an environment that AWS trusts', () => {
  for (const [name, { permissions, on }] of Object.entries(all)) {
    assert.equal(permissions, { contents: 'read' }, name);
    assert.not.ok('pull_request_target' in on, name);
  }
  for (const { at, job } of jobs) {
    const more = Object.entries(job.permissions ?? {}).filter(([, level]) => level === 'write');
    assert.equal(more.map(([what]) => what).sort(), at === 'release: image' ? ['attestations', 'id-token'] : [], at);
    if (more.length > 0) assert.is(job.environment, 'release');
    for (const { uses, with: given } of job.steps) {
      if (uses?.startsWith('actions/checkout@') === true) assert.is(given?.['persist-credentials'], false, at);
    }
  }
  assert.equal(all['release']!.on, { push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } });
});

workflows('no text from outside becomes part of a command', () => {
  for (const { at, job } of jobs)
    assert.equal(
      runs(job).filter((line) => line.includes('${{')),
      [],
      at,
    );
});

workflows('every script that a step runs is there', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const lines = jobs.flatMap(({ job }) => runs(job)).join('\n');
  const named = [...lines.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
  assert.ok(named.includes('sbom') && named.includes('image:check'), String(named));
  assert.equal(
    named.filter((name) => !(name in scripts)),
    [],
  );
  const files = [...lines.matchAll(/(?:^|\s)((?:\.ci|scripts)\/[\w./-]+)/g)].map(([, file]) => file!);
  assert.equal(
    files.filter((file) => !existsSync(path.join(root, file))),
    [],
  );
});

workflows('a release is built once, and signed and attested by its digest', () => {
  const { steps } = all['release']!.jobs['image']!;
  const at = (what: RegExp): number => steps.findIndex(({ uses = '', run = '' }) => what.test(uses) || what.test(run));
  const order = [/npm run sbom/, /docker buildx build/, /attest-build-provenance/, /attest-sbom/, /cosign sign/].map(
    at,
  );
  assert.ok(
    order.every((place, i) => place >= 0 && place > (order[i - 1] ?? -1)),
    String(order),
  );
  for (const place of order.slice(2, 4)) {
    assert.is(steps[place]!.with?.['subject-digest'], '${{ steps.build.outputs.digest }}');
  }
  assert.match(steps[order[4]!]!.run!, /cosign sign --yes "\$IMAGE@\$DIGEST"/);
});

workflows.run();
