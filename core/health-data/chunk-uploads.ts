import type { ProcessingId } from '../kernel/ids.ts';
import { compareText } from './chunk-sources.ts';

/**
 * For every sample of a chunk the uploads it came with. Most samples of a chunk share their set, so a sample costs one
 * number, and sending the same batch once more changes a few sets instead of every sample.
 */
export interface Provenance {
  /** Ascending by text, each used. */
  readonly uploads: readonly ProcessingId[];
  /** Each an ascending list of indexes into `uploads`, never empty; numbered in the order of first use by the samples. */
  readonly uploadSets: readonly (readonly number[])[];
  /** For each sample: index into `uploadSets`. */
  readonly uploadSet: Uint32Array;
}

/** The sets of a chunk while samples of one upload are being added to it; sets are named by working numbers. */
export class GrowingProvenance {
  readonly #uploads: readonly ProcessingId[];
  readonly #upload: number;
  readonly #sets: (readonly number[])[];
  readonly #numberOf = new Map<string, number>();
  readonly #joined = new Map<number, number>();

  /** The working numbers of the held sets are the indexes they had. */
  constructor(held: Provenance | null, upload: ProcessingId) {
    const before = held?.uploads ?? [];
    const known = before.indexOf(upload);
    this.#uploads = known >= 0 ? before : [...before, upload].sort(compareText);
    this.#upload = this.#uploads.indexOf(upload);
    const shifted = known < 0 ? this.#upload : Infinity;
    this.#sets = (held?.uploadSets ?? []).map((set) => set.map((index) => (index >= shifted ? index + 1 : index)));
    this.#sets.forEach((set, number) => this.#numberOf.set(set.join(), number));
  }

  /** The set of this upload alone. */
  alone(): number {
    return this.#number([this.#upload]);
  }

  /** The given set and this upload. */
  joined(set: number): number {
    const known = this.#joined.get(set);
    if (known !== undefined) return known;
    const members = this.#sets[set]!;
    const joined = members.includes(this.#upload)
      ? set
      : this.#number([...members, this.#upload].sort((a, b) => a - b));
    this.#joined.set(set, joined);
    return joined;
  }

  /** The finished provenance of samples that were given these working numbers. */
  of(workingSets: Uint32Array): Provenance {
    return { uploads: this.#uploads, ...numberedByUse(this.#sets, workingSets) };
  }

  #number(set: readonly number[]): number {
    const key = set.join();
    const known = this.#numberOf.get(key);
    if (known !== undefined) return known;
    this.#numberOf.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }
}

/** What is left of a chunk's provenance without one upload. */
export interface ShrunkProvenance {
  /** Positions of the samples that still belong to some upload, ascending. */
  readonly kept: Uint32Array;
  /** Of the kept samples, in their order. */
  readonly provenance: Provenance;
}

/** Takes one upload out of every set. */
export function withoutUpload(provenance: Provenance, upload: ProcessingId): ShrunkProvenance {
  const gone = provenance.uploads.indexOf(upload);
  const numberOf = new Map<string, number>();
  const sets: (readonly number[])[] = [];
  // Two sets that differed in this upload only become one.
  const shrunk = provenance.uploadSets.map((set) => {
    const members = set
      .filter((index) => index !== gone)
      .map((index) => (index > gone && gone >= 0 ? index - 1 : index));
    const key = members.join();
    const known = numberOf.get(key) ?? sets.push(members) - 1;
    numberOf.set(key, known);
    return known;
  });
  const kept = Uint32Array.from(provenance.uploadSet.keys()).filter(
    (sample) => sets[shrunk[provenance.uploadSet[sample]!]!]!.length > 0,
  );
  const working = kept.map((sample) => shrunk[provenance.uploadSet[sample]!]!);
  const uploads = provenance.uploads.filter((id) => id !== upload);
  return { kept, provenance: { uploads, ...numberedByUse(sets, working) } };
}

/** Renumbers sets in the order of their first use, and leaves out those without any. */
function numberedByUse(
  sets: readonly (readonly number[])[],
  working: Uint32Array,
): Pick<Provenance, 'uploadSets' | 'uploadSet'> {
  const uploadSets: (readonly number[])[] = [];
  const numbers = new Int32Array(sets.length).fill(-1);
  const uploadSet = working.map((set) => {
    if (numbers[set] === -1) numbers[set] = uploadSets.push(sets[set]!) - 1;
    return numbers[set]!;
  });
  return { uploadSets, uploadSet };
}
