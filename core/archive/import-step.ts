import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { QuotaExceeded, UploadQuota } from '../health-data/upload-quota.ts';
import type { ImportTally } from './import-tally.ts';
import type {
  ArchiveDigests,
  ArchiveReader,
  ArchiveStores,
  ArchiveUnreadable,
  ImportCancelled,
  ReadAnalysisDocument,
} from './ports.ts';

export interface ImportArchivePorts extends ArchiveStores, ArchiveDigests {
  readonly archives: ArchiveReader;
  /** How much the owner may keep. */
  readonly quota: UploadQuota;
  readonly readDocument: ReadAnalysisDocument;
}

/** What every step of an import works with. */
export interface ImportStep {
  readonly ports: ImportArchivePorts;
  readonly owner: UserId;
  readonly tally: ImportTally;
  /** An error once the import is cancelled. */
  readonly goOn: () => ResultAsync<void, ImportCancelled>;
}

export type ImportError = ArchiveUnreadable | ImportCancelled | QuotaExceeded | PortUnavailable;
