/**
 * The shape of a PAT encoder (Ruan et al. 2024, arXiv:2411.15240): a plain transformer encoder over patches of minutes,
 * with norms behind the residuals. What is not listed here is the same in every published size.
 */
export interface PatArchitecture {
  /** Minutes a patch; one patch is one token. */
  readonly patchMinutes: number;
  /** Attention heads of a block, each of width `WIDTH`. */
  readonly heads: number;
  /** Blocks, one after the other. */
  readonly layers: number;
}

/** Width of a token, and of every head's queries, keys and values. */
export const WIDTH = 96;
/** Width of the layer between a block's two dense ones. */
export const FEED_FORWARD_WIDTH = 256;
/** As the authors' code sets it; a framework's default is another one. */
export const LAYER_NORM_EPSILON = 1e-6;

/** The sizes that the authors published. */
export const PAT_SIZES = {
  S: { patchMinutes: 18, heads: 6, layers: 1 },
  M: { patchMinutes: 18, heads: 12, layers: 2 },
  L: { patchMinutes: 9, heads: 12, layers: 4 },
} as const satisfies Record<string, PatArchitecture>;

export type PatSize = keyof typeof PAT_SIZES;

/** The published size of this shape, or null where it is none of them. */
export function sizeOf(architecture: PatArchitecture): PatSize | null {
  const sizes = Object.entries(PAT_SIZES) as [PatSize, PatArchitecture][];
  return sizes.find(([, published]) => isSameArchitecture(published, architecture))?.[0] ?? null;
}

export const isSameArchitecture = (a: PatArchitecture, b: PatArchitecture): boolean =>
  a.patchMinutes === b.patchMinutes && a.heads === b.heads && a.layers === b.layers;

/** How many numbers an encoder of this shape has learned. */
export const parameterCount = (architecture: PatArchitecture): number =>
  tensorsOf(architecture).reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);

/** One learned tensor: its name here, and its sides in row-major order. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Every learned tensor of an encoder, in the model's order. A kernel multiplies from the right: `x @ kernel`. Queries,
 * keys and values are (in, head, out), the attention's output (head, in, out), as the authors' framework keeps them.
 */
export function tensorsOf({ patchMinutes, heads, layers }: PatArchitecture): readonly TensorShape[] {
  const dense = (name: string, input: readonly number[], output: readonly number[]): readonly TensorShape[] => [
    { name: `${name}.kernel`, shape: [...input, ...output] },
    { name: `${name}.bias`, shape: output },
  ];
  const norm = (name: string): readonly TensorShape[] => [
    { name: `${name}.gamma`, shape: [WIDTH] },
    { name: `${name}.beta`, shape: [WIDTH] },
  ];
  const block = (i: number): readonly TensorShape[] => [
    ...dense(`block_${String(i)}_query`, [WIDTH], [heads, WIDTH]),
    ...dense(`block_${String(i)}_key`, [WIDTH], [heads, WIDTH]),
    ...dense(`block_${String(i)}_value`, [WIDTH], [heads, WIDTH]),
    ...dense(`block_${String(i)}_output`, [heads, WIDTH], [WIDTH]),
    ...norm(`block_${String(i)}_norm_1`),
    ...dense(`block_${String(i)}_feed_forward_1`, [WIDTH], [FEED_FORWARD_WIDTH]),
    ...dense(`block_${String(i)}_feed_forward_2`, [FEED_FORWARD_WIDTH], [WIDTH]),
    ...norm(`block_${String(i)}_norm_2`),
  ];
  return [
    ...dense('patch_embedding', [patchMinutes], [WIDTH]),
    ...Array.from({ length: layers }, (_, i) => block(i + 1)).flat(),
  ];
}
