import { errAsync, ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import { takeBackUpload } from '../account/take-back-upload.ts';
import type { ByteSource } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { importAnalyses } from './import-analyses.ts';
import { importInsights, importMetrics, importUploads } from './import-records.ts';
import { importObjects } from './import-objects.ts';
import { importSamples } from './import-samples.ts';
import type { ImportArchivePorts, ImportError, ImportStep } from './import-step.ts';
import { ImportTally } from './import-tally.ts';
import type { ImportReport } from './model.ts';
import type { ImportCancelled } from './ports.ts';
import { verifiedArchive } from './verified-archive.ts';

export interface ImportArchiveCommand {
  readonly owner: UserId;
  readonly file: ByteSource;
  /** Whether whoever asked for the import has gone; looked at between batches. */
  readonly isCancelled: () => boolean;
}

/**
 * Brings the archive of an account, anybody's, into the owner's account. All files are first checked against the
 * manifest’s hashes; where one is missing, cut off or changed, nothing at all is stored. Then it goes line by line: ids
 * stay, the owner is the importer, raw files are filed under the importer's id. What the account has already is left as
 * it is, so the same import again, also after it stopped halfway, ends in the state that one success leaves. A line that
 * cannot be used is set aside and counted with its reason. Memory does not grow with the archive.
 */
export function importArchive(ports: ImportArchivePorts) {
  return (command: ImportArchiveCommand): ResultAsync<ImportReport, ImportError> => {
    const { owner, isCancelled } = command;
    const tally = new ImportTally();
    const goOn = (): ResultAsync<void, ImportCancelled> =>
      isCancelled() ? errAsync({ kind: 'import-cancelled' }) : okAsync(undefined);
    const step: ImportStep = { ports, owner, tally, goOn };
    return safeTry(async function* () {
      const archive = yield* verifiedArchive(ports, command.file, goOn);
      yield* importObjects(step, archive);
      const uploads = yield* importUploads(step, archive);
      yield* importMetrics(step, archive);
      yield* importSamples(step, archive);
      yield* importAnalyses(step, archive);
      yield* importInsights(step, archive);
      yield* takeBackErased(step, uploads);
      return ok(tally.report());
    });
  };
}

/** Whoever was erased while the import went on gets nothing back. */
function takeBackErased(
  { ports, owner }: ImportStep,
  uploads: ReadonlyMap<ProcessingId, string | null>,
): ResultAsync<void, PortUnavailable> {
  return safeTry(async function* () {
    for (const [upload, key] of uploads) {
      if ((yield* takeBackUpload(ports)({ owner, upload })) === 'kept') continue;
      if (key !== null) yield* ports.objects.delete(owner, key);
    }
    return ok(undefined);
  });
}
