import type { SampleSource } from './samples.ts';

/** Several source lists as one, with where each list's entries went. */
export interface SourceUnion {
  /** Each key once, ascending by key (UTF-16 code units). */
  readonly sources: readonly SampleSource[];
  /** For each given list: its index to the union's index, or `UNUSED_SOURCE`. */
  readonly indexes: readonly Uint32Array[];
}

/** Stands in a union's index for a source that was not asked for. */
export const UNUSED_SOURCE = 0xffffffff;

/** A list of sources, and which of its entries are wanted. */
export interface SourceList {
  readonly sources: readonly SampleSource[];
  /** 1 for each entry that is in use; null for all. */
  readonly used: Uint8Array | null;
}

/**
 * Unites source lists by key. Where entries with one key differ in what they tell, the outcome does not depend on the
 * order of the lists (see `preferredSource`).
 *
 * @throws RangeError beyond 65,536 sources, which a column of 16-bit indexes cannot tell apart.
 */
export function uniteSources(lists: readonly SourceList[]): SourceUnion {
  const byKey = new Map<string, SampleSource>();
  for (const { sources, used } of lists) {
    sources.forEach((source, i) => {
      if (used !== null && used[i] !== 1) return;
      const tidy = wellFormedSource(source);
      const known = byKey.get(tidy.key);
      byKey.set(tidy.key, known === undefined ? tidy : preferredSource(known, tidy));
    });
  }
  const sources = [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
  if (sources.length > 0x10000) throw new RangeError('more than 65536 sources of one sample type');
  const position = new Map(sources.map((source, i) => [source.key, i]));
  const indexes = lists.map(({ sources: list, used }) =>
    Uint32Array.from(list, (source, i) =>
      used !== null && used[i] !== 1 ? UNUSED_SOURCE : position.get(wellFormed(source.key))!,
    ),
  );
  return { sources, indexes };
}

/** Whether both tell the same. */
export const sameSource = (a: SampleSource, b: SampleSource): boolean =>
  a.key === b.key && a.name === b.name && a.device === b.device && a.model === b.model;

/**
 * Of two descriptions of one source, the one that tells more: a known model, a known kind of device; then the first in
 * text order. It is the larger under a total order, so any order of merging ends with the same description.
 */
function preferredSource(a: SampleSource, b: SampleSource): SampleSource {
  const order =
    Number(b.model !== null) - Number(a.model !== null) ||
    Number(b.device !== 'other') - Number(a.device !== 'other') ||
    compareText(a.name, b.name) ||
    compareText(a.device, b.device) ||
    compareText(a.model ?? '', b.model ?? '');
  return order <= 0 ? a : b;
}

/** A fresh copy that survives UTF-8: half a surrogate pair has no UTF-8 form, so it would not equal itself once stored. */
function wellFormedSource(source: SampleSource): SampleSource {
  return {
    key: wellFormed(source.key),
    name: wellFormed(source.name),
    device: source.device,
    model: source.model === null ? null : wellFormed(source.model),
  };
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** By UTF-16 code units: total, and the same on every machine, unlike a collation. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
