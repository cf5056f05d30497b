import { err, ok, type Result } from 'neverthrow';
import { EVERYTHING_ON, FEATURES, type Feature, type FeatureShares } from './model.ts';

/** A text that was to say which features are on, and does not. */
export interface SharesMalformed {
  readonly kind: 'shares-malformed';
  /** The first part that is not understood. */
  readonly part: string;
}

const EXAMPLE_MOST = 60;
const malformed = (part: string): Result<never, SharesMalformed> =>
  err({ kind: 'shares-malformed', part: part.slice(0, EXAMPLE_MOST) });

const PERCENT = /^(\d{1,3}(?:\.\d{1,4})?)%$/;

/**
 * Reads `auth:on,data:on,analysis:25%,insights:off`, or the same as a JSON object. A feature that is not named is on for
 * everybody. A name that is not known is refused: it would be a misspelt one that stays on.
 */
export function readShares(text: string): Result<FeatureShares, SharesMalformed> {
  const entries = text.trim().startsWith('{') ? entriesOfJson(text) : entriesOfList(text);
  return entries.andThen((named) => {
    const shares: Record<Feature, number> = { ...EVERYTHING_ON };
    const seen = new Set<string>();
    for (const [name, value] of named) {
      const share = shareOf(value);
      if (!isFeature(name) || seen.has(name) || share === null) return malformed(`${name}:${value}`);
      seen.add(name);
      shares[name] = share;
    }
    return ok(shares);
  });
}

/** The text that `readShares` reads back. */
export const writtenShares = (shares: FeatureShares): string =>
  FEATURES.map((feature) => `${feature}:${wordOf(shares[feature])}`).join(',');

const wordOf = (share: number): string => (share >= 100 ? 'on' : share <= 0 ? 'off' : `${String(share)}%`);

type Entries = readonly (readonly [name: string, value: string])[];

function entriesOfList(text: string): Result<Entries, SharesMalformed> {
  const entries: [string, string][] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const [name, value, ...more] = part.split(':').map((word) => word.trim());
    if (name === undefined || value === undefined || more.length > 0) return malformed(part);
    entries.push([name, value]);
  }
  return ok(entries);
}

function entriesOfJson(text: string): Result<Entries, SharesMalformed> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return malformed(text);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return malformed(text);
  return ok(Object.entries(read).map(([name, value]) => [name, wordInJson(value)]));
}

/** `true`, `25` and `"25%"` mean what they look like. */
const wordInJson = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'number' ? `${String(value)}%` : typeof value === 'string' ? value : JSON.stringify(value);
};

function shareOf(value: string): number | null {
  if (value === 'on') return 100;
  if (value === 'off') return 0;
  const share = Number(PERCENT.exec(value)?.[1] ?? Number.NaN);
  return share <= 100 ? share : null;
}

const isFeature = (name: string): name is Feature => (FEATURES as readonly string[]).includes(name);
