import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { synthesized } from './synthesized.ts';

/** What can be said of the image without building it; `npm run image:check` builds and starts it. */
const image = suite('the image');
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const dockerfile = read('Dockerfile').replaceAll('\\\n', '');
const last = (instruction: string): string =>
  [...dockerfile.matchAll(new RegExp(`^${instruction} +(.*)$`, 'gm'))].at(-1)?.[1] ?? '';

image('every file that is copied from the sources is there, and let through to the builder', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names]) => names!.split(' '));
  assert.ok(copied.length > 8, String(copied));
  const ignore = read('.dockerignore').split('\n');
  for (const name of copied) {
    assert.ok(existsSync(path.join(root, name)), name);
    assert.ok(ignore.includes(`!${name}`), name);
  }
  assert.is(
    ignore.find((line) => !line.startsWith('#')),
    '*',
  );
});

image('it begins with images that can be named otherwise, and ends without root', () => {
  const stages = [...dockerfile.matchAll(/^FROM (.*)$/gm)].map(([, from]) => from!);
  assert.equal(stages, ['--platform=${PLATFORM} ${BUILD_IMAGE} AS build', '--platform=${PLATFORM} ${RUNTIME_IMAGE}']);
  assert.match(dockerfile, /^ARG PLATFORM=linux\/amd64$/m);
  assert.is(last('USER'), '65532:65532');
  assert.not.match(last('HEALTHCHECK'), /curl|wget|\bsh\b/);
});

image('tasks on ECS run it as what it is: the same user, data folder, program and question for health', () => {
  const { only } = synthesized('new-account');
  const [container] = only('AWS::ECS::TaskDefinition', ({ Family }) => Family === 'clarity-backend').Properties
    .ContainerDefinitions;
  assert.is(container.User, last('USER').split(':')[0]);
  assert.equal(
    JSON.parse(last('VOLUME')),
    container.MountPoints.map(({ ContainerPath }: any) => ContainerPath),
  );
  assert.equal(container.Command, JSON.parse(last('CMD')));
  const [, program] = container.HealthCheck.Command;
  assert.match(last('HEALTHCHECK'), `CMD ["${program}"`);
  const port = /PORT=(\d+)/.exec(last('ENV'))?.[1];
  assert.equal(
    container.PortMappings.map(({ ContainerPort }: any) => String(ContainerPort)),
    [port],
  );
});

image('where it cannot be checked that is said, and nothing is installed', () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'clarity-path-'));
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'scripts/image-check.mjs')], {
    encoding: 'utf8',
    env: { PATH: empty, IMAGE_CACHE: path.join(empty, 'cache') },
  });
  assert.is(status, 2, stdout);
  assert.match(stdout, /^NOT CHECKED\. /);
  const { checks, failures } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
  assert.equal([checks, failures], [0, 0]);
  // Empty still, or this would fail.
  rmdirSync(empty);
});

image.run();
