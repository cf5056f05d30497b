import { err, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { Digest } from '../kernel/digest.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { ChainWalk, type AuditFault, type CheckedHead } from './chain-walk.ts';
import { entryContent, headText } from './entry-text.ts';
import type { ExportedLine } from './export-log.ts';
import type { SignedHead, StoredEntry } from './model.ts';
import type { AuditStore, HeadSigner } from './ports.ts';
import type { AuditVerdict, VerifiedDay } from './verify-audit.ts';

export interface VerifyExportPorts {
  readonly auditStore: Pick<AuditStore, 'entries'>;
  readonly signer: Pick<HeadSigner, 'isGenuine'>;
  readonly digest: Digest;
}

/** The lines are no export, or not a whole one. */
export interface ExportDamaged {
  readonly kind: 'export-damaged';
  readonly reason: string;
}

const damaged = (reason: string): ExportDamaged => ({ kind: 'export-damaged', reason });

type Verified<T> = Result<T, ExportDamaged | PortUnavailable>;

/**
 * Looks whether exported lines are what this installation has written. Whole days are walked along as the log itself is, by
 * their signed heads; they say all by themselves, also where the log is gone. Of other exports each entry is compared with the
 * one that the log has in its place: that none was left out cannot be told of them.
 */
export function verifyExport(ports: VerifyExportPorts) {
  return async (lines: AsyncIterable<ExportedLine>): Promise<Verified<AuditVerdict>> => {
    const reading = new ExportReading(ports);
    for await (const line of lines) {
      const taken = await reading.take(line);
      if (taken.isErr()) return err(taken.error);
    }
    return reading.verdict();
  };
}

class ExportReading {
  readonly #ports: VerifyExportPorts;
  readonly #walk: ChainWalk;
  readonly #altered: AuditFault[] = [];
  readonly #days: { day: string; entries: number; head: SignedHead | null }[] = [];
  #wholeDays: boolean | null = null;
  #entries = 0;
  #announced: number | null = null;

  constructor(ports: VerifyExportPorts) {
    this.#ports = ports;
    this.#walk = new ChainWalk(ports.digest, null);
  }

  async take(line: ExportedLine): Promise<Verified<void>> {
    if (this.#announced !== null) return err(damaged('there are lines after the last one'));
    if ((line.kind === 'export') !== (this.#wholeDays === null)) return err(damaged('it does not begin as an export'));
    switch (line.kind) {
      case 'export':
        this.#wholeDays = line.wholeDays;
        return ok(undefined);
      case 'day':
        return this.#beginDay(line.day, line.head);
      case 'entry':
        return this.#entry(line.entry);
      case 'end':
        this.#endDay();
        this.#announced = line.entries;
        return ok(undefined);
    }
  }

  verdict(): Verified<AuditVerdict> {
    if (this.#announced === null) return err(damaged('it was cut off: its last line is missing'));
    if (this.#announced !== this.#entries)
      return err(damaged('it does not have as many entries as its last line says'));
    const days: readonly VerifiedDay[] = this.#days;
    return ok({ days, entries: this.#entries, faults: [...this.#walk.faults, ...this.#altered] });
  }

  async #beginDay(day: string, head: SignedHead | null): Promise<Verified<void>> {
    this.#endDay();
    this.#days.push({ day, entries: 0, head });
    if (this.#wholeDays !== true) return ok(undefined);
    // A head that was open when the export was made is that of its newest day: nothing can follow on it but what it is over.
    return (await this.#checked(head)).map((checked) => {
      this.#walk.beginDay(day, checked, head?.state === 'open');
    });
  }

  #endDay(): void {
    if (this.#wholeDays === true && this.#days.length > 0) this.#walk.endDay();
  }

  async #entry(entry: Omit<StoredEntry, 'subject'>): Promise<Verified<void>> {
    const today = this.#days.at(-1);
    if (today === undefined) return err(damaged('an entry comes before its day'));
    today.entries++;
    this.#entries++;
    const content = entryContent(entry.text);
    if (this.#wholeDays === true) {
      this.#walk.entry({ ...entry, subject: content?.event.subject ?? null });
      return ok(undefined);
    }
    const { day, number, hash } = entry;
    const isWhole =
      this.#ports.digest.sha256Hex(entry.text) === hash && content?.day === day && content.number === number;
    const found = await this.#ports.auditStore.entries(day, number - 1, 1);
    return found.map(([inLog]) => {
      if (!isWhole || inLog?.number !== number || inLog.hash !== hash) {
        this.#altered.push({ kind: 'altered', day, number });
      }
    });
  }

  #checked(head: SignedHead | null): ResultAsync<CheckedHead | null, PortUnavailable> {
    return head === null
      ? okAsync(null)
      : this.#ports.signer.isGenuine(headText(head), head).map((isGenuine) => ({ head, isGenuine }));
  }
}
