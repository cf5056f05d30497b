import type { SetAside } from './head.ts';

/** Counts weeks that are set aside, by what was the matter, with the first reason of each as an example. */
export interface SetAsideTally {
  add(what: string, example: string | null): void;
  /** In the order of first sight. */
  counted(): readonly SetAside[];
}

/** An empty tally. */
export function setAsideTally(): SetAsideTally {
  const seen = new Map<string, { weeks: number; readonly example: string | null }>();
  return {
    add(what, example) {
      const entry = seen.get(what);
      if (entry === undefined) seen.set(what, { weeks: 1, example });
      else entry.weeks++;
    },
    counted: () =>
      [...seen].map(([what, { weeks, example }]) => ({
        reason: example === null ? what : `${what}, such as: ${example}`,
        weeks,
      })),
  };
}
