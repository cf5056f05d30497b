import type { Night } from './night.ts';

export interface Week {
  readonly nights: readonly Night[];
}
