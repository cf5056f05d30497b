import type { RandomStream } from '../../simulation/random.ts';
import type { TrainingSet } from './training-set.ts';

/**
 * Deals the people of the table out to folds, 0 to `folds` - 1, and answers the fold of each row: all rows of a person
 * are in one. Folds differ by at most one in people, in people with a positive row, and in people with a negative row.
 * The order of the rows does not matter.
 */
export function dealFolds(
  { labels, people }: Pick<TrainingSet, 'labels' | 'people'>,
  folds: number,
  random: RandomStream,
): Uint8Array {
  const seen = new Map<number, { positive: boolean; negative: boolean }>();
  people.forEach((person, row) => {
    const classes = seen.get(person) ?? { positive: false, negative: false };
    classes[labels[row] === 1 ? 'positive' : 'negative'] = true;
    seen.set(person, classes);
  });
  const inOrder = [...seen].sort(([a], [b]) => a - b);
  const stratum = (positive: boolean, negative: boolean): number[] =>
    shuffled(
      inOrder.filter(([, has]) => has.positive === positive && has.negative === negative).map(([person]) => person),
      random,
    );
  // Those with both stand between, so that each class is one unbroken stretch and is dealt out evenly.
  const dealt = [...stratum(true, false), ...stratum(true, true), ...stratum(false, true)];
  const foldOf = new Map(dealt.map((person, i) => [person, i % folds]));
  return Uint8Array.from(people, (person) => foldOf.get(person)!);
}

/** Fisher and Yates's shuffle, of a copy. */
function shuffled(items: readonly number[], random: RandomStream): number[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.wholeBetween(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
