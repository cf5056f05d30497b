import { availableParallelism } from 'node:os';
import { err, ok, type Result } from 'neverthrow';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { ONNX_ENGINE } from '../../adapters/onnx/onnx-encoder.ts';
import { CPU_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE } from '../../adapters/tfjs/tfjs-encoder.ts';
import { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import { enginesOf } from '../../core/pat/encoder/choose-engines.ts';
import { ENGINE_CHOICES, type EngineChoice, type ModelRepository } from '../../core/pat/ports.ts';
import { awsSettingsOf, openModelRepository } from '../wiring/model-places.ts';
import { usageError, type UsageError } from './arguments.ts';

/** Which model a command uses: what the person asked for, else what the environment says. */
export interface ModelChoice {
  /** A folder, or `s3://bucket/prefix`. */
  readonly folder: string;
  /** `S`, `M`, `L`, an id, or null for the last installed. */
  readonly model: string | null;
  readonly engine: EngineChoice;
}

export const MODEL_OPTIONS = {
  model: { type: 'string' },
  engine: { type: 'string' },
} as const;

export const MODEL_USAGE = `  --model MODEL     S, M, L or an id of "clarity models list" (default: PAT_MODEL, else the last installed)
  --engine ENGINE   ${ENGINE_CHOICES.join(', ')} (default: PAT_ENGINE, else auto: the fastest that loads)`;

/** The model choice of a command line, on top of PAT_MODEL_BASE_DIR, PAT_MODEL and PAT_ENGINE. */
export function modelChoice(
  values: { readonly model?: string; readonly engine?: string; readonly dir?: string },
  environment: Readonly<Record<string, string | undefined>>,
): Result<ModelChoice, UsageError> {
  const said = (name: string): string | null => {
    const text = environment[name]?.trim() ?? '';
    return text === '' ? null : text;
  };
  const wanted = values.engine ?? said('PAT_ENGINE') ?? 'auto';
  const engine = ENGINE_CHOICES.find((choice) => choice === wanted.toLowerCase());
  if (engine === undefined) {
    const option = values.engine === undefined ? 'PAT_ENGINE' : '--engine';
    return err(usageError(`${option} ${wanted}: expected ${ENGINE_CHOICES.join(', ')}`));
  }
  return ok({
    folder: values.dir ?? said('PAT_MODEL_BASE_DIR') ?? 'models',
    model: values.model ?? said('PAT_MODEL'),
    engine,
  });
}

/** The models of a place, and the encoder that runs the chosen one. */
export interface LocalModel {
  readonly models: ModelRepository;
  readonly model: WorkerActigraphyModel;
}

/** The models of the place that was chosen. */
export const modelsAt = (place: string): ModelRepository =>
  openModelRepository(place, awsSettingsOf(process.env), nodeDigest);

/** A command may take its time. */
const DEADLINE_MS_A_WEEK = 10 * 60_000;
const MOST_WEEKS = 1024;

/** Opens the folder; the encoder is loaded when it is first asked, and has to be closed. */
export function openLocalModel({ folder, model, engine }: ModelChoice): LocalModel {
  const models = modelsAt(folder);
  return {
    models,
    model: new WorkerActigraphyModel({
      repository: models,
      wanted: model,
      engines: enginesOf(engine, [ONNX_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE, CPU_ENGINE]),
      processors: availableParallelism(),
      mostWeeks: MOST_WEEKS,
      deadlineMsAWeek: DEADLINE_MS_A_WEEK,
    }),
  };
}
