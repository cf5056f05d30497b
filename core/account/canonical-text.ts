import type { AnalysisRecord } from '../analysis/ports.ts';

/**
 * A value as JSON with the names of every object in text order, so that equal values are equal texts wherever they were
 * kept. What JSON cannot tell apart (zero and negative zero, an absent property and an undefined one) is equal.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const names = Object.keys(part).sort();
    return Object.fromEntries(names.map((name) => [name, (part as Readonly<Record<string, unknown>>)[name]]));
  });
}

/** Everything that an analysis says, but for whose it is; the grid's numbers to the last bit, with all gaps as one. */
export function analysisText({ analysisId, upload, scope, createdAtMs, document, grid }: AnalysisRecord): string {
  const values = Array.from(grid.values, (value) => (Number.isNaN(value) ? 'NaN' : value));
  return canonicalText({ analysisId, upload, scope, createdAtMs, document, dates: grid.dates, values });
}
