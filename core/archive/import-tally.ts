import { IMPORTED_KINDS, type ImportedKind, type ImportReport, type KindCounts, type SetAside } from './model.ts';

/** Different reasons that are kept; a file that breaks in more ways is told by its counts. */
const MOST_REASONS = 1000;

type Count = { -readonly [Name in keyof KindCounts]: number };

/** Counts what becomes of the pieces of an archive. */
export class ImportTally {
  readonly #counts = Object.fromEntries(
    IMPORTED_KINDS.map((kind) => [kind, { added: 0, alreadyThere: 0, setAside: 0 }]),
  ) as Record<ImportedKind, Count>;
  readonly #reasons = new Map<string, SetAside>();

  added(kind: ImportedKind, count = 1): void {
    this.#counts[kind].added += count;
  }

  alreadyThere(kind: ImportedKind, count = 1): void {
    this.#counts[kind].alreadyThere += count;
  }

  /** `place` is kept for the first piece of each code and message. */
  setAside(kind: ImportedKind, reason: { readonly code: string; readonly message: string }, place: string): void {
    const { code, message } = reason;
    this.#counts[kind].setAside++;
    const name = `${kind} ${code} ${message}`;
    const known = this.#reasons.get(name);
    if (known !== undefined) this.#reasons.set(name, { ...known, count: known.count + 1 });
    else if (this.#reasons.size < MOST_REASONS) {
      this.#reasons.set(name, { kind, code, message, count: 1, firstAt: place });
    }
  }

  report(): ImportReport {
    return { counts: copyOf(this.#counts), setAside: [...this.#reasons.values()] };
  }
}

const copyOf = (counts: Record<ImportedKind, Count>): ImportReport['counts'] =>
  Object.fromEntries(IMPORTED_KINDS.map((kind) => [kind, { ...counts[kind] }])) as Record<ImportedKind, KindCounts>;
