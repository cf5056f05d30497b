import { WIDTH } from './architecture.ts';

/** Mean over the tokens (rows of 96), summed in float64: 96 numbers. */
export function poolTokens(tokens: Float32Array): Float32Array {
  const width: number = WIDTH;
  const count = tokens.length / width;
  const sums = new Float64Array(width);
  for (let first = 0; first < tokens.length; first += width) {
    for (let j = 0; j < width; j++) sums[j]! += tokens[first + j]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}
