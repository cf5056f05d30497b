/** Runs of bins that share a property, in the form d3's lines and areas take: points, with null where the pen lifts. */

/** Half-open range of bins. */
export type Run = readonly [from: number, to: number];

/** The runs of consecutive indices below `length` for which the test holds, in order. */
export function runsWhere(length: number, test: (index: number) => boolean): Run[] {
  const runs: Run[] = [];
  let from = -1;
  for (let index = 0; index <= length; index++) {
    const holds = index < length && test(index);
    if (holds && from < 0) from = index;
    if (!holds && from >= 0) {
      runs.push([from, index]);
      from = -1;
    }
  }
  return runs;
}

/** Both ends of each run, the pen lifted after each. */
export function runEnds(runs: readonly Run[]): (number | null)[] {
  return runs.flatMap(([from, to]) => [from, to, null]);
}

/** Every index of each run and its end once more, so that a step curve closes the last step; then the pen is lifted. */
export function runSteps(runs: readonly Run[]): ({ readonly edge: number; readonly bin: number } | null)[] {
  return runs.flatMap(([from, to]) => [
    ...Array.from({ length: to - from }, (_, i) => ({ edge: from + i, bin: from + i })),
    { edge: to, bin: to - 1 },
    null,
  ]);
}
