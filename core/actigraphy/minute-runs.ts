/** Consecutive minutes of a series: the index of the first, and how many. */
export interface MinuteRun {
  readonly start: number;
  readonly length: number;
}

/** The longest possible runs of consecutive indices below `minutes` for which `holds`, in order. */
export function runsWhere(minutes: number, holds: (index: number) => boolean): readonly MinuteRun[] {
  const runs: MinuteRun[] = [];
  let start = -1;
  for (let i = 0; i < minutes; i++) {
    if (holds(i)) {
      if (start === -1) start = i;
    } else if (start !== -1) {
      runs.push({ start, length: i - start });
      start = -1;
    }
  }
  if (start !== -1) runs.push({ start, length: minutes - start });
  return runs;
}
