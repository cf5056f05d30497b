import path from 'node:path';
import type { Logger } from 'pino';
import { readConfig, type Config } from './config.ts';
import { openLog } from './log/open-log.ts';
import { operatorWords } from './log/operator-words.ts';
import { openStorage } from './open-storage.ts';
import type { Storage } from './storage.ts';
import type { ModelState } from './watch-models.ts';

/** What a process of the service begins with. */
export interface OpenedProcess {
  readonly config: Config;
  /** Writes to standard error; standard output is for the person at the terminal. */
  readonly logger: Logger;
  readonly storage: Storage;
}

/** Reads the settings and opens the storage. Null when that fails; `complain` then got the reasons, line by line. */
export async function openProcess(
  environment: Readonly<Record<string, string | undefined>>,
  complain: (line: string) => void,
): Promise<OpenedProcess | null> {
  const config = readConfig(environment);
  if (config.isErr()) {
    complain('Clarity did not start. Please correct these settings:');
    for (const { variable, message } of config.error) complain(`  ${variable}: ${message}`);
    return null;
  }
  const logger = openLog(config.value.logLevel);
  const storage = await openStorage(config.value);
  if (storage.isErr()) {
    const { error } = storage;
    complain(
      error.kind === 'schema-too-new'
        ? `Clarity did not start: the database was written by a newer version (schema ${String(error.found)}, this one knows ${String(error.supported)}).`
        : `Clarity did not start: the data folder ${path.resolve(config.value.dataDir)} cannot be used (${operatorWords(error.cause)}).`,
    );
    return null;
  }
  return { config: config.value, logger, storage: storage.value };
}

/** The lines of a welcome that say where the data are and which model is installed. */
export const dataAndModelLines = (config: Config, model: ModelState): readonly string[] => [
  `  Your data            ${placeOfData(config)}`,
  model.status === 'ready'
    ? `  PAT model            ${model.message}`
    : `  PAT model            ${model.status}: analyses work without it, embeddings are null (${model.message})`,
];

function placeOfData({ storage, dataDir, aws }: Config): string {
  if (storage === 'memory') return 'in memory only: it is gone when this process ends';
  return aws === null
    ? path.resolve(dataDir)
    : `AWS: the table ${aws.tableName}, the bucket ${aws.bucketName}, the queue ${aws.queueName}`;
}

/** Waits for SIGINT or SIGTERM, then for `stop`; the process's exit code. A second signal ends the process at once. */
export function untilStopped(stop: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    const onSignal = (): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
      void stop().then(() => {
        resolve(0);
      });
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}
