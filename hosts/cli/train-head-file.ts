import { writeFile } from 'node:fs/promises';
import type { ResultAsync } from 'neverthrow';
import { readLabelsCsv } from '../../adapters/csv/labels-csv.ts';
import { readWeeksCsv } from '../../adapters/csv/weeks-csv.ts';
import { fileByteSource } from '../../adapters/filesystem/byte-source.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { VERSION } from '../../adapters/node/version.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { fitHead, type HeadNotFitted } from '../../core/pat/heads/fit-head.ts';
import { headText, type CardFacts, type Head, type HeadFeatures } from '../../core/pat/heads/head.ts';
import { prepareWeek } from '../../core/pat/prepare-week.ts';
import { readPopulation } from '../../core/pat/installed/read-population.ts';
import { openLocalModel, type ModelChoice } from './local-model.ts';
import type { Output } from './output.ts';

/** What the person asked for. */
export interface TrainHeadRequest {
  readonly weeks: string;
  readonly labels: string;
  readonly task: string;
  readonly signal: 'counts' | 'steps';
  readonly features: HeadFeatures;
  readonly seed: number;
  readonly card: Pick<CardFacts, 'title' | 'data_description' | 'intended_use' | 'licence' | 'label'>;
  readonly out: string;
}

/** Trains a head on files of weeks and labels, writes it, and says how well it does; the exit code. */
export async function trainHeadFile(request: TrainHeadRequest, choice: ModelChoice, output: Output): Promise<number> {
  const fail = (reason: string): number => {
    output.note(`clarity heads train: ${reason}`);
    return 1;
  };
  const weeks = await readTable(request.weeks, readWeeksCsv);
  if (weeks.isErr()) return fail(weeks.error);
  const labels = await readTable(request.labels, readLabelsCsv);
  if (labels.isErr()) return fail(labels.error);
  for (const { message, count, firstAt } of [...weeks.value.notices, ...labels.value.notices]) {
    output.note(`set aside: ${String(count)} x ${message}${firstAt === null ? '' : `, first at ${firstAt}`}`);
  }
  const { model, models } = openLocalModel(choice);
  try {
    const population = await readPopulation({ models })(request.signal);
    if (population.isErr()) return fail(wordsOf(population.error));
    const { days } = weeks.value;
    const trained = await fitHead({ model })({
      task: request.task,
      weeks: weeks.value.weeks,
      labels: labels.value.labels,
      signal: request.signal,
      features: request.features,
      seed: request.seed,
      prepare: (grid) => prepareWeek(grid, { days, population: population.value }),
      card: {
        ...request.card,
        trained_at: new Date(systemClock.now()).toISOString(),
        weeks_sha256: weeks.value.sha256,
        labels_sha256: labels.value.sha256,
        clarity_version: VERSION,
      },
    });
    if (trained.isErr()) return fail(wordsOf(trained.error));
    return await written(trained.value, request.out, output);
  } finally {
    await model.close();
  }
}

const readTable = <T, E extends { readonly message: string; readonly place: string; readonly kind: 'csv-unreadable' }>(
  file: string,
  read: (source: ByteSource) => ResultAsync<T, E | PortUnavailable>,
): ResultAsync<T, string> =>
  fileByteSource(file)
    .andThen((source) => read(source))
    .mapErr((error) =>
      error.kind === 'csv-unreadable' ? `${file}, ${error.place}: ${error.message}` : `${file}: ${error.cause}`,
    );

function wordsOf(error: HeadNotFitted | { readonly reason: string }): string {
  if ('reason' in error) return error.reason;
  return 'message' in error ? error.message : error.cause;
}

async function written(head: Head, file: string, output: Output): Promise<number> {
  try {
    await writeFile(file, headText(head));
  } catch (cause) {
    output.note(`clarity heads train: ${file} could not be written (${(cause as Error).message})`);
    return 1;
  }
  const { card } = head;
  output.out(`${file}: a head for "${head.task}", with its model card.`);
  output.out(
    `  Weeks      ${String(card.n_weeks)} of ${String(card.n_people)} people, ${String(card.n_positive.people)} of them positive`,
  );
  output.out(
    `  AUC        ${card.auc.value.toFixed(3)}, 95 % interval ${card.auc.low.toFixed(3)} to ${card.auc.high.toFixed(3)} (people left out of training)`,
  );
  output.out(`  Brier      ${card.brier.toFixed(3)}; of the base rate ${card.brier_of_base_rate.toFixed(3)}`);
  for (const { reason, weeks } of card.weeks_set_aside) output.out(`  Set aside  ${String(weeks)}: ${reason}`);
  for (const warning of card.warnings) output.out(`  Note       ${warning}`);
  output.out(`Install it with "clarity heads install ${file}".`);
  return 0;
}
