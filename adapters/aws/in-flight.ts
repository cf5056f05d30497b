/**
 * What `work` answers for each item, in the items' order, with at most `most` under way at a time. After a failure no
 * further one is begun; once those under way have ended it rejects with the first failure.
 */
export async function eachInFlight<Item, T>(
  most: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const answers = new Array<T>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        answers[index] = await work(items[index]!, index);
      } catch (cause) {
        failures.push(cause);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return answers;
}
