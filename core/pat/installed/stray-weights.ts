import type { Catalogue } from './catalogue.ts';

const WEIGHT_ENDINGS = ['.safetensors', '.h5', '.hdf5'];

/** Of the names of a model folder, those that look like weights and that no entry names, in order. */
export function strayWeights(names: readonly string[], { models }: Catalogue): readonly string[] {
  const known = new Set(models.map(({ converted }) => converted.file));
  return names.filter((name) => WEIGHT_ENDINGS.some((ending) => name.endsWith(ending)) && !known.has(name)).sort();
}
