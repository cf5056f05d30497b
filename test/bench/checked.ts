/** How much was looked at, and what of it is not as it should be. */
export interface Checked {
  readonly cases: number;
  readonly failed: readonly string[];
  /** What else is worth telling. */
  readonly facts?: object;
}

/** What a check has counted; one that fails has failed once, with what it says. */
export async function asserted(check: () => Promise<number>): Promise<Checked> {
  try {
    return { cases: await check(), failed: [] };
  } catch (error) {
    return { cases: 1, failed: [error instanceof Error ? error.message : String(error)] };
  }
}

export const together = (...all: readonly Checked[]): Checked => ({
  cases: all.reduce((sum, { cases }) => sum + cases, 0),
  failed: all.flatMap(({ failed }) => failed),
});
