import { ONNX_ENGINE } from '../../../adapters/onnx/onnx-encoder.ts';
import { CPU_ENGINE, WASM_ENGINE } from '../../../adapters/tfjs/tfjs-encoder.ts';
import { MemoryModelRepository } from '../../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import {
  WorkerActigraphyModel,
  type WorkerModelOptions,
} from '../../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { EngineModule, ModelRepository } from '../../../core/pat/ports.ts';
import type { PatWeights } from '../../../core/pat/encoder/weights.ts';
import type { ModelUnderTest } from '../../contracts/actigraphy-model.contract.ts';
import { repositoryWith } from '../../fixtures/pat/installed-models.ts';
import { valueOf } from '../../unit/result-values.ts';

/** The engines that load everywhere. */
export const ENGINES: Readonly<Record<'onnx' | 'wasm' | 'cpu', EngineModule>> = {
  onnx: ONNX_ENGINE,
  wasm: WASM_ENGINE,
  cpu: CPU_ENGINE,
};

/** An encoder on worker threads, with room for much and patience for a busy machine. */
export const modelOn = (
  repository: ModelRepository,
  engine: EngineModule,
  changes: Partial<WorkerModelOptions> = {},
): WorkerActigraphyModel =>
  new WorkerActigraphyModel({
    repository,
    wanted: null,
    engines: [engine],
    processors: 2,
    mostWeeks: 64,
    deadlineMsAWeek: 600_000,
    ...changes,
  });

/** For the contract suite. */
export const makeOn =
  (engine: EngineModule) =>
  async (weights: PatWeights | null): Promise<ModelUnderTest> => {
    const repository = weights === null ? new MemoryModelRepository(nodeDigest) : await repositoryWith(weights);
    const model = modelOn(repository, engine);
    valueOf(await model.describe());
    return { model, close: () => model.close() };
  };
