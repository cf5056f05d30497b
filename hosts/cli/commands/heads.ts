import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from 'neverthrow';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { RHYTHM_FEATURES } from '../../../core/pat/heads/rhythm-features.ts';
import { installHead } from '../../../core/pat/installed/install-head.ts';
import { readHead } from '../../../core/pat/installed/read-head.ts';
import type { ModelRepository } from '../../../core/pat/ports.ts';
import { verifyModels } from '../../../core/pat/installed/verify-models.ts';
import { requestOf, usageError, wholeNumberArgument, type UsageError } from '../arguments.ts';
import { MODEL_OPTIONS, MODEL_USAGE, modelChoice, modelsAt, type ModelChoice } from '../local-model.ts';
import type { Output } from '../output.ts';
import { installationFault, repositoryFault, verifiedLine } from '../repository-words.ts';
import { trainHeadFile, type TrainHeadRequest } from '../train-head-file.ts';

const FEATURES = ['embedding', 'rhythm', 'both'] as const;

const USAGE = `Usage: clarity heads train --weeks FILE --labels FILE --task NAME --data TEXT [options]
       clarity heads install FILE
       clarity heads list
       clarity heads verify

  train             fits a logistic head and writes it with its model card
    --weeks FILE      weeks.csv: a header "person,week" and 1,440 minutes a day, one row a week
    --labels FILE     labels.csv: a header "person,label" or "person,week,label", labels 0 and 1
    --task NAME       what it scores: lower-case letters, digits, - and _ (depression fills risk.depression)
    --data TEXT       whose weeks these are, recorded with what, when, and how the labels came about
    --label TEXT      what label 1 means (default: the task)
    --use TEXT        what the head is for (default: research)
    --licence TEXT    the head's licence (default: all rights reserved)
    --signal SIGNAL   counts or steps (default counts)
    --features WHICH  ${FEATURES.join(', ')} (default both)
    --seed N          of folds and resamples (default 1)
    --out FILE        default TASK.head.json
${MODEL_USAGE}
  install FILE      results carry its score from now on; of a task the head that was installed last
  list              what is installed, with the figures of each card
  verify            every installed file held to its hash

Heads live in PAT_MODEL_BASE_DIR (default models/): a folder, or s3://bucket/prefix.`;

const OPTIONS = {
  weeks: { type: 'string' },
  labels: { type: 'string' },
  task: { type: 'string' },
  data: { type: 'string' },
  label: { type: 'string' },
  use: { type: 'string' },
  licence: { type: 'string' },
  signal: { type: 'string' },
  features: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  ...MODEL_OPTIONS,
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = Readonly<Partial<Record<Exclude<keyof typeof OPTIONS, 'help'>, string>>>;

type Request = { readonly choice: ModelChoice } & (
  | { readonly action: 'train'; readonly training: TrainHeadRequest }
  | { readonly action: 'install'; readonly file: string }
  | { readonly action: 'list' | 'verify' }
);

const SYNTAX = { name: 'heads', usage: USAGE, options: OPTIONS, read: readRequest };

/** Trains, installs, lists and verifies heads. */
export async function headsCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { value } = request;
  const models = modelsAt(value.choice.folder);
  switch (value.action) {
    case 'train':
      return trainHeadFile(value.training, value.choice, output);
    case 'install':
      return install(models, value.file, output);
    case 'list':
      return list(models, output);
    case 'verify':
      return verify(models, output);
  }
}

function readRequest(values: Values, [action, file, ...more]: readonly string[]): Result<Request, UsageError> {
  if (more.length > 0 || (file !== undefined && action !== 'install')) {
    return err(usageError(`what is "${String(file)}"?`));
  }
  return modelChoice(values, process.env).andThen((choice): Result<Request, UsageError> => {
    switch (action) {
      case 'train':
        return readTraining(values).map((training) => ({ action, choice, training }));
      case 'install':
        return file === undefined ? err(usageError('which file?')) : ok({ action, choice, file });
      case 'list':
      case 'verify':
        return ok({ action, choice });
      default:
        return err(usageError('expected train, install, list or verify'));
    }
  });
}

function readTraining(values: Values): Result<TrainHeadRequest, UsageError> {
  const missing = (['weeks', 'labels', 'task', 'data'] as const).find((name) => (values[name] ?? '').trim() === '');
  if (missing !== undefined) return err(usageError(`--${missing} is needed`));
  const { weeks, labels, task, data } = values as Record<'weeks' | 'labels' | 'task' | 'data', string>;
  const signal = values.signal ?? 'counts';
  if (signal !== 'counts' && signal !== 'steps') return err(usageError('--signal: expected counts or steps'));
  const features = FEATURES.find((which) => which === (values.features ?? 'both'));
  if (features === undefined) return err(usageError(`--features: expected ${FEATURES.join(', ')}`));
  return wholeNumberArgument('--seed', values.seed, 1, 0, Number.MAX_SAFE_INTEGER).map((seed) => ({
    weeks,
    labels,
    task,
    signal,
    seed,
    features: {
      embedding: features !== 'rhythm',
      rhythm: features === 'embedding' ? [] : RHYTHM_FEATURES,
    },
    card: {
      title: `A head for ${task}`,
      data_description: data,
      intended_use: values.use ?? 'Research; not for decisions about a person.',
      licence: values.licence ?? 'All rights reserved',
      label: values.label ?? task,
    },
    out: values.out ?? `${task}.head.json`,
  }));
}

async function install(models: ModelRepository, file: string, output: Output): Promise<number> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    output.note(`clarity heads install: ${file} cannot be read (${(cause as Error).message})`);
    return 1;
  }
  const installed = await installHead({ models, digest: nodeDigest, clock: systemClock })(text);
  return installed.match(
    ({ entry, head }) => {
      output.out(`${entry.id} is installed: results carry its score for "${entry.task}" from now on.`);
      for (const warning of head.card.warnings) output.out(`  Note: ${warning}`);
      return 0;
    },
    (error) => {
      output.note(
        `clarity heads install: ${
          error.kind === 'head-unreadable'
            ? `${file} is no head: ${error.pointer} ${error.reason}`
            : installationFault(error)
        }`,
      );
      return 1;
    },
  );
}

async function list(models: ModelRepository, output: Output): Promise<number> {
  const catalogue = await models.catalogue();
  if (catalogue.isErr()) {
    output.note(`clarity heads list: ${repositoryFault(catalogue.error)}`);
    return 1;
  }
  const { heads } = catalogue.value;
  if (heads.length === 0) output.out('No head is installed, so no result carries a score.');
  for (const entry of heads) {
    const head = await readHead({ models })(entry);
    output.out(
      head.match(
        ({ card }) =>
          `${entry.id}  AUC ${card.auc.value.toFixed(2)} (${card.auc.low.toFixed(2)} to ${card.auc.high.toFixed(2)}), ` +
          `${String(card.n_people)} people, ${String(card.n_positive.people)} of them positive; ${card.data_description}`,
        (error) => `${entry.id}  cannot be used: ${'reason' in error ? error.reason : 'it is not what was installed'}`,
      ),
    );
  }
  return 0;
}

async function verify(models: ModelRepository, output: Output): Promise<number> {
  const [catalogue, verified] = [await models.catalogue(), await verifyModels({ repository: models })()];
  if (catalogue.isErr() || verified.isErr()) {
    output.note('clarity heads verify: the manifest cannot be read; "clarity models verify" tells why');
    return 1;
  }
  const ids = new Set(catalogue.value.heads.map(({ id }) => id));
  const files = verified.value.files.filter(({ id }) => ids.has(id));
  for (const file of files) output.out(verifiedLine(file));
  if (files.length === 0) output.out('No head is installed.');
  return files.every(({ fault }) => fault === null) ? 0 : 1;
}
