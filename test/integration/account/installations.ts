import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { openStorage } from '../../../hosts/wiring/open-storage.ts';
import type { LocalStorage, Storage } from '../../../hosts/wiring/storage.ts';
import type { Output } from '../../../hosts/cli/output.ts';
import { memoryWorld, type World } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';

/** An embedded installation in a folder, as a command opens it. */
export async function openInstallation(dataDir: string): Promise<LocalStorage> {
  const config = valueOf(readConfig({ STORAGE: 'embedded', DATA_DIR: dataDir }));
  const storage = valueOf(await openStorage(config, { writeOn: 'this-thread' }));
  const { people } = storage;
  if (people.kind !== 'local') throw new Error('an embedded installation keeps its own accounts');
  return { ...storage, people };
}

/** The use cases' world over an installation. */
export const worldOver = ({
  samples,
  metrics,
  uploads,
  objects,
  queue,
  analyses,
  insights,
  idempotency,
  ownerEvents,
  webhooks,
  consents,
  auditPseudonyms,
  auditStore,
}: Storage): World =>
  memoryWorld({
    samples,
    metrics,
    uploads,
    objects,
    queue,
    analyses,
    insights,
    idempotency,
    ownerEvents,
    webhooks,
    consents,
    auditPseudonyms,
    auditStore,
  });

/** A folder that is there while the work goes on. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-account-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a command printed. */
export interface Printed {
  readonly output: Output;
  readonly out: () => string;
  readonly notes: () => string;
  readonly progress: () => readonly string[];
}

export function printed(terminal = false): Printed {
  const out: string[] = [];
  const notes: string[] = [];
  const progress: string[] = [];
  return {
    output: {
      out: (line) => void out.push(line),
      note: (line) => void notes.push(line),
      progress: terminal ? (line) => void progress.push(line) : null,
    },
    out: () => out.join('\n'),
    notes: () => notes.join('\n'),
    progress: () => progress,
  };
}

/** Runs the work with these variables in the environment and puts it back afterwards. */
export async function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  const set = (values: Readonly<Record<string, string | undefined>>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
  set(variables);
  try {
    return await work();
  } finally {
    set(before);
  }
}
