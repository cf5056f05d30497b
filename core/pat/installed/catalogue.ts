import type { PatArchitecture, PatSize } from '../encoder/architecture.ts';

/** `models/manifest.json`: what is installed, where it came from, and what it must hash to. */
export interface Catalogue {
  readonly schema: 'clarity.models/1';
  /** In the order of their installation; the last one is used unless another is asked for. */
  readonly models: readonly ModelEntry[];
  readonly heads: readonly HeadEntry[];
  readonly populations: readonly PopulationEntry[];
}

export const EMPTY_CATALOGUE: Catalogue = { schema: 'clarity.models/1', models: [], heads: [], populations: [] };

/** One installed encoder. */
export interface ModelEntry {
  /** Such as `PAT-S-14de20b7d86f`: the size, and the beginning of the source's hash. */
  readonly id: string;
  /** The name that later files are held to, such as `PAT-S_29k_weights`. */
  readonly name: string;
  readonly size: PatSize;
  readonly architecture: PatArchitecture;
  readonly parameters: number;
  readonly source: { readonly location: string; readonly sha256: string; readonly bytes: number };
  readonly converted: {
    readonly format: 'safetensors';
    readonly file: string;
    readonly sha256: string;
    readonly bytes: number;
  };
  readonly licence: string;
  readonly attribution: string;
  readonly citation: string;
  /** ISO 8601, UTC. */
  readonly installed_at: string;
  /** What the reference encoder made of `GOLDEN_INPUT` with these weights: every engine must come to the same. */
  readonly golden: { readonly input: string; readonly pooled: readonly number[]; readonly tolerance: number };
}

/** One installed head. */
export interface HeadEntry {
  /** Such as `depression-0d3f8a1c2b4e`: the task, and the beginning of the file's hash. It is the card's id too. */
  readonly id: string;
  readonly task: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly installed_at: string;
}

/** One installed reference population. */
export interface PopulationEntry {
  readonly name: string;
  readonly signal: 'counts' | 'steps';
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly installed_at: string;
}

/** `S`, `M` or `L` for the last installed of that size, an id, or null for the last installed. */
export function chooseModel(catalogue: Catalogue, wanted: string | null): ModelEntry | null {
  if (wanted === null) return catalogue.models.at(-1) ?? null;
  const upper = wanted.toUpperCase();
  return (
    catalogue.models.find(({ id }) => id === wanted) ??
    catalogue.models.findLast(({ size }) => size === upper || `PAT-${size}` === upper) ??
    null
  );
}
