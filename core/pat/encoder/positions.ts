import { WIDTH } from './architecture.ts';

/**
 * The fixed positions added to the patch embeddings, row-major (tokens, 96): row i is 48 sines and behind them 48
 * cosines of i times 10000^(-2j/96), the two halves one after the other and not interleaved (the authors' code;
 * the angles are those of Vaswani et al. 2017).
 */
export function positionTable(tokens: number): Float64Array {
  const half = WIDTH / 2;
  const table = new Float64Array(tokens * WIDTH);
  for (let j = 0; j < half; j++) {
    const frequency = Math.exp((-2 * j * Math.log(10_000)) / WIDTH);
    for (let i = 0; i < tokens; i++) {
      table[i * WIDTH + j] = Math.sin(i * frequency);
      table[i * WIDTH + half + j] = Math.cos(i * frequency);
    }
  }
  return table;
}
