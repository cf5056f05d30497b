import { WIDTH } from './architecture.ts';
import type { BlockWeights } from './weights.ts';

/**
 * A block's attention with its four projections folded into two.
 *
 * For a head h with query q = t Wq + bq and key k = t Wk + bk, the score of token i on token j is
 *
 *     q_i · k_j / √96 = (t_i Wq Wkᵀ/√96 + bq Wkᵀ/√96) · t_j + (a term that depends on i alone)
 *
 * and the softmax over j does not see the last term. So queries become `t @ scoreKernel + scoreBias` and the keys are
 * the tokens themselves. In the same way the weights of a row sum to 1, so that
 *
 *     Σ_h A_h (t Wv_h + bv_h) Wo_h + bo = Σ_h (A_h t) (Wv_h Wo_h) + (Σ_h bv_h Wo_h + bo)
 *
 * and the values, too, are the tokens themselves. Nothing is approximated; products are summed in float64.
 */
export interface FoldedAttention {
  /** (96, heads · 96), row-major: column block h makes head h's queries. */
  readonly scoreKernel: Float32Array;
  /** (heads · 96). */
  readonly scoreBias: Float32Array;
  /** (heads · 96, 96), row-major: row block h takes head h's weighted mean of tokens. */
  readonly valueKernel: Float32Array;
  /** (96). */
  readonly valueBias: Float32Array;
}

/** Folds a block's projections. */
export function foldAttention({ query, key, value, output }: BlockWeights, heads: number): FoldedAttention {
  // A local name: the test runner's loader makes every use of an import a call, and this is the innermost loop.
  const width: number = WIDTH;
  const columns = heads * width;
  const scale = 1 / Math.sqrt(width);
  const scoreKernel = new Float32Array(width * columns);
  const scoreBias = new Float32Array(columns);
  const valueKernel = new Float32Array(columns * width);
  const valueBias = Float64Array.from(output.bias);
  for (let h = 0; h < heads; h++) {
    const first = h * width;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        let score = 0;
        let mixed = 0;
        for (let d = 0; d < width; d++) {
          score += query.kernel[i * columns + first + d]! * key.kernel[j * columns + first + d]!;
          mixed += value.kernel[i * columns + first + d]! * output.kernel[(first + d) * width + j]!;
        }
        scoreKernel[i * columns + first + j] = score * scale;
        valueKernel[(first + i) * width + j] = mixed;
      }
    }
    for (let j = 0; j < width; j++) {
      let score = 0;
      let mixed = 0;
      for (let d = 0; d < width; d++) {
        score += query.bias[first + d]! * key.kernel[j * columns + first + d]!;
        mixed += value.bias[first + d]! * output.kernel[(first + d) * width + j]!;
      }
      scoreBias[first + j] = score * scale;
      valueBias[j]! += mixed;
    }
  }
  return { scoreKernel, scoreBias, valueKernel, valueBias: Float32Array.from(valueBias) };
}
