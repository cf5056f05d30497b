import { err, type Err } from 'neverthrow';

/** The data do not support the measure. `reason` is one plain sentence with the number that fell short. */
export interface NotComputable {
  readonly kind: 'not-computable';
  readonly reason: string;
}

export const notComputable = (reason: string): Err<never, NotComputable> => err({ kind: 'not-computable', reason });
