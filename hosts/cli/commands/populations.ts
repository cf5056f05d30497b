import { readFile, writeFile } from 'node:fs/promises';
import { err, ok, type Result } from 'neverthrow';
import { readWeeksCsv } from '../../../adapters/csv/weeks-csv.ts';
import { fileByteSource } from '../../../adapters/filesystem/byte-source.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { installPopulation } from '../../../core/pat/installed/install-population.ts';
import { populationOf, populationText, type PopulationFacts } from '../../../core/pat/population.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { modelChoice, modelsAt } from '../local-model.ts';
import type { Output } from '../output.ts';
import { installationFault } from '../repository-words.ts';

const USAGE = `Usage: clarity populations install FILE
       clarity populations fit --weeks FILE --name NAME --signal counts|steps --unit UNIT
                               --data TEXT --source TEXT --licence TEXT --out FILE

  install FILE      installs a reference population (clarity.population/1): weeks of its signal are standardised against it
  fit               makes one from weeks.csv: a header "person,week" and 10,080 minutes, one row a week

Populations live in PAT_MODEL_BASE_DIR (default models/); "clarity models list" names those installed.`;

const OPTIONS = {
  weeks: { type: 'string' },
  name: { type: 'string' },
  signal: { type: 'string' },
  unit: { type: 'string' },
  data: { type: 'string' },
  source: { type: 'string' },
  licence: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = Readonly<
  Partial<Record<'weeks' | 'name' | 'signal' | 'unit' | 'data' | 'source' | 'licence' | 'out', string>>
>;
type Request =
  | { readonly action: 'install'; readonly file: string; readonly folder: string }
  | { readonly action: 'fit'; readonly weeks: string; readonly facts: PopulationFacts; readonly out: string };

const SYNTAX = { name: 'populations', usage: USAGE, options: OPTIONS, read: readRequest };

/** Installs and makes reference populations. */
export async function populationsCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const done = await (request.value.action === 'install' ? install(request.value) : fit(request.value));
  return done.match(
    (line) => {
      output.out(line);
      return 0;
    },
    (reason) => {
      output.note(`clarity populations ${request.value.action}: ${reason}`);
      return 1;
    },
  );
}

function readRequest(values: Values, [action, file, ...more]: readonly string[]): Result<Request, UsageError> {
  if (action === 'install') {
    if (file === undefined || more.length > 0) return err(usageError('install takes one file'));
    return modelChoice({}, process.env).map(({ folder }) => ({ action, file, folder }));
  }
  if (action !== 'fit') return err(usageError('expected install or fit'));
  if (file !== undefined) return err(usageError(`what is "${file}"? The weeks go to --weeks`));
  const names = ['weeks', 'name', 'signal', 'unit', 'data', 'source', 'licence', 'out'] as const;
  const missing = names.find((name) => (values[name] ?? '').trim() === '');
  if (missing !== undefined) return err(usageError(`--${missing} is needed`));
  const { weeks, name, signal, unit, data, source, licence, out } = values as Record<(typeof names)[number], string>;
  if (signal !== 'counts' && signal !== 'steps') return err(usageError('--signal: expected counts or steps'));
  return ok({ action, weeks, out, facts: { name, signal, unit, description: data, source, licence } });
}

async function install({ file, folder }: Extract<Request, { action: 'install' }>): Promise<Result<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    return err(`${file} cannot be read (${(cause as Error).message})`);
  }
  const models = modelsAt(folder);
  const installed = await installPopulation({ models, digest: nodeDigest, clock: systemClock })(text);
  return installed
    .map(({ name, signal }) => `${name} is installed: ${signal} are standardised against it from now on.`)
    .mapErr((error) =>
      error.kind === 'population-invalid'
        ? `${file} is no reference population: ${error.reason}`
        : installationFault(error),
    );
}

async function fit({ weeks, facts, out }: Extract<Request, { action: 'fit' }>): Promise<Result<string, string>> {
  const file = await fileByteSource(weeks).andThen((source) => readWeeksCsv(source));
  if (file.isErr()) {
    const { error } = file;
    return err(`${weeks}: ${error.kind === 'port-unavailable' ? error.cause : error.message}`);
  }
  const population = populationOf(
    file.value.weeks.map(({ values }) => values),
    facts,
  );
  if (population.isErr()) return err(population.error.reason);
  try {
    await writeFile(out, populationText(population.value));
  } catch (cause) {
    return err(`${out} could not be written (${(cause as Error).message})`);
  }
  return ok(
    `${out}: ${facts.name}, from ${String(population.value.n)} weeks. Install it with "clarity populations install ${out}".`,
  );
}
