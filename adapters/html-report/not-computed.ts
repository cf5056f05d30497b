/** What was not computed, and why: the reason beside each missing number, and the full list. */

import type { AnalysisDocument, NotComputed } from '../../core/analysis/document.ts';
import { entryOf, fieldName, generalField } from './field-names.ts';
import { markup, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { table } from './table.ts';
import { asSentence, counted } from './text.ts';

const NO_REASON = 'The analysis gives no reason.';
const MAX_REASON_CHARACTERS = 500;

/**
 * Why the field is null: the reason given for it or for the part of the document that holds it, else `otherwise`.
 * A sentence; data.
 */
export function reasonFor(document: AnalysisDocument, field: string, otherwise = NO_REASON): string {
  for (let path = generalField(field); path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
    const entry = document.not_computed.find((candidate) => generalField(candidate.field) === path);
    if (entry !== undefined) return asSentence(shortened(entry.reason, MAX_REASON_CHARACTERS));
  }
  return otherwise;
}

/** The different reasons given for fields at or below the path, in their order. Sentences; data. */
export function reasonsWithin(document: AnalysisDocument, path: string): string[] {
  const entries = document.not_computed.filter(({ field }) => `${generalField(field)}.`.startsWith(`${path}.`));
  return [...new Set(entries.map(({ reason }) => asSentence(shortened(reason, MAX_REASON_CHARACTERS)) || NO_REASON))];
}

interface ReasonGroup {
  readonly reason: string;
  /** Plain names, with how often where a list's entries share the reason. */
  readonly names: readonly string[];
}

/** Entries with the same reason together, in the order in which reasons first come. */
function byReason(entries: readonly NotComputed[]): ReasonGroup[] {
  const groups = new Map<string, Map<string, { readonly entry: string | null; times: number }>>();
  for (const { field, reason } of entries) {
    const sentence = asSentence(shortened(reason, MAX_REASON_CHARACTERS)) || NO_REASON;
    const names = groups.get(sentence) ?? new Map<string, { readonly entry: string | null; times: number }>();
    groups.set(sentence, names);
    const name = shortened(fieldName(field));
    const known = names.get(name);
    if (known === undefined) names.set(name, { entry: entryOf(field), times: 1 });
    else known.times += 1;
  }
  return [...groups].map(([reason, names]) => ({
    reason,
    names: [...names].map(([name, { entry, times }]) =>
      entry === null ? name : `${name} (${counted(times, entry, entry === 'entry' ? 'entries' : `${entry}s`)})`,
    ),
  }));
}

/** The section's content. */
export function notComputedList(document: AnalysisDocument): Markup {
  const groups = byReason(document.not_computed);
  if (groups.length === 0) {
    return markup`<p>Everything this analysis looks for could be computed from these data.</p>`;
  }
  return markup`<p>A number that these data do not support is left out and explained. Nothing is estimated in its place.</p>
${table({
  caption: 'Left out, with the reason',
  columns: [{ head: 'Not computed' }, { head: 'Why', kind: 'wide' }],
  rows: groups.map(({ reason, names }) => [
    names.map((name, i) => markup`${i === 0 ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : markup`; ${name}`}`),
    reason,
  ]),
})}`;
}
