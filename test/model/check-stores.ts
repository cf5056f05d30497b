import fc from 'fast-check';
import type { Metric, Upload } from '../../core/health-data/model.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { Comparison } from './comparison.ts';
import { anyMetricRead, anyMetricWrite, metricModel, type MetricCommand, type MetricWrite } from './metric-model.ts';
import type { Actor, Death, Stores, StoresUnderModel } from './modelled-port.ts';
import { anySampleRead, anySampleWrite, type SampleCommand, type SampleWrite } from './sample-commands.ts';
import { sampleModel, united, type SamplePiece } from './sample-model.ts';
import { anyUploadRead, anyUploadWrite, uploadModel, type UploadCommand, type UploadWrite } from './upload-model.ts';

/** What one actor does next, in one of the processes. */
type Step = { readonly inProcess: number } & (
  | { readonly samples: SampleCommand }
  | { readonly metrics: MetricCommand }
  | { readonly uploads: UploadCommand }
  | { readonly dyingInSamples: SampleWrite; readonly death: Death }
  | { readonly dyingInMetrics: MetricWrite; readonly death: Death }
  | { readonly dyingInUploads: UploadWrite; readonly death: Death }
);

const PROCESSES = 2;
/** Actors that are alone with their owner's data, and two pairs that are not: ten at once. */
const ALONE = 6;
const PAIRS = 2;
const UPLOADS = 3;
const STEPS_A_LIST = 60;
/** About; a list is half as long on average. */
const STEPS_A_SCENARIO = 300;
const MOST_SCENARIOS_A_ROUND = 10;
/** How many shorter scenarios are tried after a divergence. */
const MOST_SHORTENINGS = 100;
/** Some calls make more writes, and then the process dies early in them; most make fewer. */
const LAST_WRITE_OF_A_DEATH = 12;

const anyStep = (actor: Pick<Actor, 'sharesOwner'>): fc.Arbitrary<Step> => {
  const inProcess = fc.nat({ max: PROCESSES - 1 });
  const death = fc.record({ atWrite: fc.nat({ max: LAST_WRITE_OF_A_DEATH }), takesEffect: fc.boolean() });
  const sampleWrite = anySampleWrite(actor, UPLOADS);
  const metricWrite = anyMetricWrite(actor, UPLOADS);
  const uploadWrite = anyUploadWrite(actor, UPLOADS);
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ inProcess, samples: sampleWrite }) },
    { weight: 5, arbitrary: fc.record({ inProcess, samples: anySampleRead(actor) }) },
    { weight: 3, arbitrary: fc.record({ inProcess, metrics: metricWrite }) },
    { weight: 3, arbitrary: fc.record({ inProcess, metrics: anyMetricRead }) },
    { weight: 3, arbitrary: fc.record({ inProcess, uploads: uploadWrite }) },
    { weight: 2, arbitrary: fc.record({ inProcess, uploads: anyUploadRead(UPLOADS) }) },
    { weight: 3, arbitrary: fc.record({ inProcess, dyingInSamples: sampleWrite, death }) },
    { weight: 2, arbitrary: fc.record({ inProcess, dyingInMetrics: metricWrite, death }) },
    { weight: 1, arbitrary: fc.record({ inProcess, dyingInUploads: uploadWrite, death }) },
  );
};

const anySteps = (sharesOwner: boolean): fc.Arbitrary<readonly Step[]> =>
  fc.array(anyStep({ sharesOwner }), { maxLength: STEPS_A_LIST, size: 'max' });

const anyScenario = fc.record({
  alone: fc.tuple(...Array.from({ length: ALONE }, () => anySteps(false))),
  pairs: fc.tuple(...Array.from({ length: PAIRS }, () => fc.tuple(anySteps(true), anySteps(true)))),
});

/** How the stores did against the plain maps. */
export interface ModelReport {
  readonly seed: number;
  readonly steps: number;
  /** Steps in which a process died between two writes, or with the answer under way. */
  readonly deaths: number;
  /** 0, or 1: the first one ends the run. */
  readonly divergences: number;
  /** The divergence in the shortest steps that were found to lead to it, with the seed and path that repeat it. */
  readonly counterexample: string | null;
}

/**
 * Ten actors at once on one storage, in random steps, each with plain maps beside it, until `steps` were made. With a
 * `path` of an earlier report, only its scenario is run.
 */
export async function checkStores(
  open: () => Promise<StoresUnderModel>,
  { seed, steps, path }: { readonly seed: number; readonly steps: number; readonly path?: string },
): Promise<ModelReport> {
  const under = await open();
  const tally = { steps: 0, deaths: 0, scenarios: 0 };
  let shortenings = 0;
  const property = fc.asyncProperty(anyScenario, async ({ alone, pairs }) => {
    if (shortenings > MOST_SHORTENINGS) return;
    const scenario = `scenario ${tally.scenarios++}`;
    const outcomes = await Promise.allSettled([
      ...alone.map((list, i) => runAlone(under, tally, actorOf(`${scenario} of ${i}`, null), list)),
      ...pairs.map((lists, i) => runPair(under, tally, `${scenario} of pair ${i}`, lists)),
    ]);
    // All have ended, so that none of this scenario works on while the next one runs.
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined || shortenings > 0) shortenings++;
    if (failed !== undefined) throw failed.reason;
    if (path !== undefined) throw new RanOnce();
  });
  try {
    for (let round = 0; tally.steps < steps; round++) {
      const numRuns = Math.min(MOST_SCENARIOS_A_ROUND, Math.ceil((steps - tally.steps) / STEPS_A_SCENARIO));
      const parameters = { seed: seed + round, numRuns, ...(path === undefined ? {} : { path, endOnFailure: true }) };
      const run = await fc.check(property, parameters);
      if (run.errorInstance instanceof RanOnce) break;
      if (run.failed) {
        const message = (await fc.asyncDefaultReportMessage(run)) ?? '';
        const counterexample = `${message}\n${String(run.errorInstance)}`;
        return { seed, steps: tally.steps, deaths: tally.deaths, divergences: 1, counterexample };
      }
    }
    return { seed, steps: tally.steps, deaths: tally.deaths, divergences: 0, counterexample: null };
  } finally {
    await under.close();
  }
}

/** The scenario of a path did not diverge; without an error fast-check would go on with those that follow it. */
class RanOnce extends Error {
  override readonly name = 'RanOnce';
}

const actorOf = (name: string, sharedOwner: string | null): Actor => ({
  owner: userId(sharedOwner ?? name),
  name,
  uploads: Array.from({ length: UPLOADS }, (_, i) => processingId(`${name} upload ${i}`)),
  sharesOwner: sharedOwner !== null,
});

interface Tally {
  steps: number;
  deaths: number;
}

async function runAlone(
  under: StoresUnderModel,
  tally: Tally,
  actor: Actor,
  steps: readonly Step[],
): Promise<Comparisons> {
  const samples = new Comparison(sampleModel, actor);
  const metrics = new Comparison(metricModel, actor);
  const uploads = new Comparison(uploadModel, actor);
  for (const step of steps) {
    const stores = processOf(under, step.inProcess);
    tally.steps++;
    if ('samples' in step) await samples.call(stores, step.samples);
    else if ('metrics' in step) await metrics.call(stores, step.metrics);
    else if ('uploads' in step) await uploads.call(stores, step.uploads);
    else {
      const dying = await under.startDying(step.death);
      const died =
        'dyingInSamples' in step
          ? await samples.callDying(dying, stores, step.dyingInSamples)
          : 'dyingInMetrics' in step
            ? await metrics.callDying(dying, stores, step.dyingInMetrics)
            : await uploads.callDying(dying, stores, step.dyingInUploads);
      if (died) tally.deaths++;
    }
  }
  await verifyAll(under, { samples, metrics, uploads });
  return { samples, metrics, uploads };
}

/** Two actors on one owner. When both are done, the store holds what they sent together, and nothing else. */
async function runPair(
  under: StoresUnderModel,
  tally: Tally,
  name: string,
  lists: readonly (readonly Step[])[],
): Promise<void> {
  const actors = lists.map((_, i) => actorOf(`${name}, actor ${i}`, name));
  const running = actors.map((actor, i) => runAlone(under, tally, actor, lists[i] ?? []));
  const outcomes = await Promise.allSettled(running);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const each = await Promise.all(running);
  const both: Actor = { ...actorOf(name, null), uploads: actors.flatMap(({ uploads }) => uploads) };
  await verifyAll(under, {
    samples: new Comparison(sampleModel, both, united(each.map(({ samples }) => samples.content))),
    metrics: new Comparison(metricModel, both, new Map(each.flatMap(({ metrics }) => [...metrics.content]))),
    uploads: new Comparison(uploadModel, both, new Map(each.flatMap(({ uploads }) => [...uploads.content]))),
  });
}

/** The three ports of an actor, each with its plain map. */
interface Comparisons {
  readonly samples: Comparison<SampleCommand, SamplePiece>;
  readonly metrics: Comparison<MetricCommand, Metric>;
  readonly uploads: Comparison<UploadCommand, Upload>;
}

async function verifyAll(under: StoresUnderModel, { samples, metrics, uploads }: Comparisons): Promise<void> {
  for (const stores of under.processes) {
    await samples.verify(stores);
    await metrics.verify(stores);
    await uploads.verify(stores);
  }
}

function processOf(under: StoresUnderModel, number: number): Stores {
  const stores = under.processes[number];
  if (stores === undefined) throw new RangeError(`there is no process ${number}`);
  return stores;
}
