import { randomBytes } from 'node:crypto';

/** A text that is nowhere else: wherever it is found, something that was given to the service has got there. */
export interface Markers {
  /** In every marker of these; what is searched for. Lower case letters and digits, so that few encodings change it. */
  readonly stem: string;
  /** A marker that names the field that it was put into. */
  readonly mark: (field: string) => string;
}

/** Markers of one test run. `seed` repeats one; it is printed where something is found. */
export function newMarkers(seed: string = randomBytes(4).toString('hex')): Markers {
  const stem = `canary${seed}k`;
  return {
    stem,
    mark: (field) => `${stem}${field.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`,
  };
}
