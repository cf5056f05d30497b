import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Resource {
  readonly Type: string;
  readonly Properties?: any;
  readonly DeletionPolicy?: string;
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
  readonly report: any;
}

const folders = new Map<string, string>();

/** Writes the stacks of a deployment in hosts/ecs/deployments as `npm run synth` does, without asking anybody. */
export function synthesizedFolder(deployment: string): string {
  const known = folders.get(deployment);
  if (known !== undefined) return known;
  const folder = mkdtempSync(path.join(tmpdir(), 'clarity-synth-'));
  execFileSync(
    process.execPath,
    ['--import', 'tsx', 'hosts/ecs/synth.ts', `hosts/ecs/deployments/${deployment}.json`, folder],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], HOME: folder } },
  );
  folders.set(deployment, folder);
  return folder;
}

/** A deployment's stacks, read. */
export function synthesized(deployment: string): Synthesized {
  const folder = synthesizedFolder(deployment);
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
    report: read('validation-report.json'),
  };
}
