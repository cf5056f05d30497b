import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Resource {
  readonly Type: string;
  readonly Properties?: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A deployment's templates as CloudFormation would get them. */
export interface Synthesized {
  /** By the stack's name. */
  readonly templates: Readonly<Record<string, { readonly Resources: Readonly<Record<string, Resource>> }>>;
  /** Every resource of a type, in all stacks. */
  readonly ofType: (type: string) => readonly Resource[];
  /** The only resource of a type whose properties satisfy the condition. */
  readonly only: (type: string, condition?: (properties: any) => boolean) => Resource;
  readonly taskDefinition: any;
  readonly workerTaskDefinition: any;
  readonly report: any;
}

/** What a deployment has in the place of what its description in hosts/ecs/deployments says. */
export type Changes = Readonly<Record<string, unknown>>;

/** A description in hosts/ecs/deployments. */
export const descriptionOf = (deployment: string): Record<string, any> =>
  JSON.parse(readFileSync(path.join(root, `hosts/ecs/deployments/${deployment}.json`), 'utf8')) as Record<string, any>;

const folders = new Map<string, string>();

/** Writes the stacks of a deployment in hosts/ecs/deployments as `npm run synth` does, without asking anybody. */
export function synthesizedFolder(deployment: string, changes: Changes = {}): string {
  const key = `${deployment} ${JSON.stringify(changes)}`;
  const known = folders.get(key);
  if (known !== undefined) return known;
  const folder = mkdtempSync(path.join(tmpdir(), 'clarity-synth-'));
  const file = path.join(folder, 'deployment.json');
  writeFileSync(file, JSON.stringify({ ...descriptionOf(deployment), ...changes }));
  execFileSync(process.execPath, ['--import', 'tsx', 'hosts/ecs/synth.ts', file, folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  folders.set(key, folder);
  return folder;
}

/** A deployment's stacks, read. */
export function synthesized(deployment: string, changes: Changes = {}): Synthesized {
  const folder = synthesizedFolder(deployment, changes);
  const read = (file: string): any => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const templates = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => [file.replace('.template.json', ''), read(file)]),
  ) as Synthesized['templates'];
  const all = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources));
  const ofType = (type: string): readonly Resource[] => all.filter(({ Type }) => Type === type);
  return {
    templates,
    ofType,
    only: (type, condition = () => true) => {
      const found = ofType(type).filter(({ Properties }) => condition(Properties));
      if (found.length !== 1) throw new Error(`${found.length} of ${type} instead of one`);
      return found[0]!;
    },
    taskDefinition: read('task-definition.json'),
    workerTaskDefinition: read('task-definition-worker.json'),
    report: read('validation-report.json'),
  };
}
