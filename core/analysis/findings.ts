import type { Result } from 'neverthrow';
import type { NotComputable } from '../actigraphy/not-computable.ts';
import { ALGORITHMS, type AlgorithmKey } from './algorithms.ts';
import type { AlgorithmUsed, NotComputed } from './document.ts';

/** Collects the reasons behind every null of a document while it is put together. */
export class Findings {
  readonly notComputed: NotComputed[] = [];
  readonly algorithms: Record<string, AlgorithmUsed> = {};

  used(...keys: readonly AlgorithmKey[]): void {
    for (const key of keys) this.algorithms[key] = ALGORITHMS[key];
  }

  without(reason: string, ...fields: readonly string[]): null {
    for (const field of fields) this.notComputed.push({ field, reason });
    return null;
  }

  take<T>(result: Result<T, NotComputable>, ...fields: readonly string[]): T | null {
    return result.match(
      (value): T | null => value,
      (error) => this.without(error.reason, ...fields),
    );
  }
}
