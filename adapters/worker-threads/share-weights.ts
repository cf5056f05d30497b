import { assembleWeights, namedTensors, type PatWeights } from '../../core/pat/encoder/weights.ts';

/** The same weights in memory that all threads see, so that each does not hold a copy. */
export function shareWeights(weights: PatWeights): PatWeights {
  const tensors = namedTensors(weights);
  const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const memory = new SharedArrayBuffer(bytes);
  const shared = new Map<string, Float32Array>();
  let at = 0;
  for (const [name, tensor] of tensors) {
    const copy = new Float32Array(memory, at, tensor.length);
    copy.set(tensor);
    shared.set(name, copy);
    at += tensor.byteLength;
  }
  return assembleWeights(weights.architecture, shared);
}
