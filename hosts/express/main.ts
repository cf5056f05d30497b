import path from 'node:path';
import { pino } from 'pino';
import { readConfig, type Config } from '../wiring/config.ts';
import { openStorage } from '../wiring/storage.ts';
import { startService, type ModelState } from './service.ts';

/** Lines for the person at the terminal; the log is for machines. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function welcome(config: Config, url: string, model: ModelState): void {
  say('');
  say(`  Clarity listens on   ${url}   (documentation: ${url}/docs)`);
  say(
    config.storage === 'memory'
      ? '  Your data            in memory only: it is gone when this process ends'
      : `  Your data            ${path.resolve(config.dataDir)}`,
  );
  say(
    model.status === 'ready'
      ? `  PAT model            ${model.message}`
      : `  PAT model            ${model.status}: analyses work without it, embeddings are null (${model.message})`,
  );
  say('');
}

async function main(): Promise<number> {
  const config = readConfig(process.env);
  if (config.isErr()) {
    complain('Clarity did not start. Please correct these settings:');
    for (const { variable, message } of config.error) complain(`  ${variable}: ${message}`);
    return 1;
  }
  const logger = pino({ level: config.value.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const storage = await openStorage(config.value);
  if (storage.isErr()) {
    const { error } = storage;
    complain(
      error.kind === 'schema-too-new'
        ? `Clarity did not start: the database was written by a newer version (schema ${String(error.found)}, this one knows ${String(error.supported)}).`
        : `Clarity did not start: the data folder ${path.resolve(config.value.dataDir)} cannot be used (${error.cause}).`,
    );
    return 1;
  }
  try {
    const service = await startService({ config: config.value, logger, storage: storage.value });
    welcome(config.value, service.url, service.model);
    return await untilStopped(service.stop);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    complain(
      code === 'EADDRINUSE'
        ? `Clarity did not start: port ${String(config.value.port)} is in use. Set PORT to another one.`
        : `Clarity did not start: ${String(cause)}`,
    );
    await storage.value.close();
    return 1;
  }
}

function untilStopped(stop: () => Promise<void>): Promise<number> {
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

process.exitCode = await main();
