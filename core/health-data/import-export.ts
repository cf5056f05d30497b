import type { ResultAsync } from 'neverthrow';
import { errAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { fixedOffsetZone } from '../kernel/local-time.ts';
import { NO_COUNTS, type Upload, type UploadCounts } from './model.ts';
import type { ExportReader, ExportUnreadable, ObjectStore, SampleStore, UploadStore } from './ports.ts';
import type { AppendCount, SampleColumns } from './samples.ts';
import type { Clock } from '../kernel/clock.ts';

export interface ImportExportPorts {
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly samples: SampleStore;
  readonly exports: ExportReader;
  readonly clock: Clock;
}

/** What an import found; `offsetMinutes` is the UTC offset that most samples carry. */
export interface Imported {
  readonly counts: UploadCounts;
  readonly offsetMinutes: number | null;
}

/** The share of an export's work that is the import, for the progress shown. */
const IMPORT_SHARE = 0.8;

/**
 * Reads a kept export into the sample store, batch by batch, and reports progress in the upload's state. Importing the
 * same export again adds nothing: every sample is then a duplicate.
 */
export function importExport(ports: ImportExportPorts) {
  return (upload: Upload): ResultAsync<Imported, ExportUnreadable | PortUnavailable> => {
    if (upload.raw === null) {
      return errAsync(portUnavailable('ObjectStore', 'open', 'the upload has no kept file', false));
    }
    const tally = new ImportTally();
    return ports.objects
      .open(upload.owner, upload.raw.key)
      .mapErr((error) =>
        error.kind === 'not-found'
          ? portUnavailable('ObjectStore', 'open', `the kept file ${error.id} is gone`, false)
          : error,
      )
      .andThen((file) =>
        ports.exports.read(file, (batches, progress) =>
          ports.samples
            .append(upload.owner, upload.processingId, batches)
            .andThen((counts) => {
              tally.add(batches, counts);
              return ports.uploads.change(
                upload.owner,
                upload.processingId,
                {
                  progress: IMPORT_SHARE * Math.min(1, progress.bytesRead / Math.max(1, progress.bytesTotal)),
                  message: `Importing: ${String(tally.total)} samples so far.`,
                },
                ports.clock.now(),
              );
            })
            .mapErr((error) =>
              error.kind === 'not-found'
                ? portUnavailable('UploadStore', 'change', 'the upload was deleted while it was imported', false)
                : error,
            )
            .map(() => undefined),
        ),
      )
      .map((summary) => {
        const offsetMinutes = summary.utcOffsets[0]?.minutes ?? null;
        const offsetName = offsetMinutes === null ? null : fixedOffsetZone(offsetMinutes).name;
        return {
          counts: {
            ...tally.counts(),
            rejected: summary.notices,
            timeZone: summary.timeZones[0]?.name ?? offsetName,
          },
          offsetMinutes,
        };
      });
  };
}

/** Adds up what the store said of each batch, and the span of the samples. */
export class ImportTally {
  total = 0;
  readonly #accepted: Record<string, number> = {};
  readonly #duplicates: Record<string, number> = {};
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  add(batches: readonly SampleColumns[], counts: readonly AppendCount[]): void {
    for (const { startMs } of batches) {
      this.total += startMs.length;
      for (const at of startMs) {
        if (at < this.#fromMs) this.#fromMs = at;
        if (at > this.#toMs) this.#toMs = at;
      }
    }
    for (const { type, stored, duplicates } of counts) {
      if (stored > 0) this.#accepted[type] = (this.#accepted[type] ?? 0) + stored;
      if (duplicates > 0) this.#duplicates[type] = (this.#duplicates[type] ?? 0) + duplicates;
    }
  }

  counts(): UploadCounts {
    return {
      ...NO_COUNTS,
      accepted: { ...this.#accepted },
      duplicates: { ...this.#duplicates },
      span: this.total === 0 ? null : { fromMs: this.#fromMs, toMs: this.#toMs },
    };
  }
}
