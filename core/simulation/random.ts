/**
 * A stream of pseudo-random numbers that is the same on every machine: only 32-bit integer arithmetic and IEEE 754
 * additions, multiplications and divisions, which are exactly specified, are used.
 */
export interface RandomStream {
  /** 0 to 2^32 - 1. */
  readonly uint32: () => number;
  /** In [0, 1), a multiple of 2^-32. */
  readonly uniform: () => number;
  /** Uniform in [low, high). */
  readonly between: (low: number, high: number) => number;
  /** Uniform over the whole numbers from `low` to `high`, both included. */
  readonly wholeBetween: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  /** About normally distributed: the sum of twelve uniforms (Irwin-Hall), so never more than six `sd` from the mean. */
  readonly normal: (mean: number, sd: number) => number;
}

/**
 * The random stream that belongs to a seed and a path of keys, such as a signal's name and a day. Streams of different
 * paths are independent, so adding a draw to one leaves every other as it was. The key words are hashed (FNV-1a), mixed
 * (SplitMix32, the finalizer of MurmurHash3) and seed xoshiro128**.
 */
export function randomStream(seed: number, ...path: readonly (string | number)[]): RandomStream {
  let hash = 0x811c9dc5;
  const absorb = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  const absorbWord = (word: number): void => {
    for (let shift = 0; shift < 32; shift += 8) absorb((word >>> shift) & 0xff);
  };
  const absorbNumber = (value: number): void => {
    absorbWord(value >>> 0);
    absorbWord(Math.floor(value / 0x1_0000_0000) >>> 0);
  };
  absorbNumber(seed);
  for (const key of path) {
    if (typeof key === 'number') absorbNumber(key);
    else for (let i = 0; i < key.length; i++) absorb(key.charCodeAt(i));
    absorb(0xff);
  }
  const next = splitMix32(hash);
  return streamOf(xoshiro128StarStar([next(), next(), next(), next()]));
}

/**
 * xoshiro128** 1.1 by Blackman and Vigna ("Scrambled linear pseudorandom number generators", ACM Transactions on
 * Mathematical Software 47(4), 2021). The state must not be all zero.
 */
export function xoshiro128StarStar(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

function splitMix32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function streamOf(uint32: () => number): RandomStream {
  const uniform = (): number => uint32() / 0x1_0000_0000;
  return {
    uint32,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    wholeBetween: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    chance: (probability) => uniform() < probability,
    normal: (mean, sd) => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += uniform();
      return mean + sd * sum;
    },
  };
}
