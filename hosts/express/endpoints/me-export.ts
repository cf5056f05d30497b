import { errAsync, type ResultAsync } from 'neverthrow';
import { exportAccount, type ExportAccountPorts } from '../../../core/archive/export-account.ts';
import { IMPORTED_KINDS, type ImportedKind, type ImportReport } from '../../../core/archive/model.ts';
import type { ArchiveReader, ArchiveWriter } from '../../../core/archive/ports.ts';
import { receiveArchive, type ReceiveArchivePorts } from '../../../core/archive/receive-archive.ts';
import { describeMe } from '../../../core/auth/describe-me.ts';
import type { IdentityProvider } from '../../../core/auth/identity-ports.ts';
import type { Endpoints } from '../http/endpoint.ts';
import type { EndpointError } from '../http/endpoint-error.ts';

export interface MeExportEndpointDeps
  extends Omit<ExportAccountPorts, 'archives' | 'clock'>, Omit<ReceiveArchivePorts, 'archives' | 'clock' | 'ids'> {
  readonly identities: IdentityProvider;
  readonly archiveWriter: ArchiveWriter;
  readonly archiveReader: ArchiveReader;
  readonly importLimitBytes: number;
}

export function meExportEndpoints(deps: MeExportEndpointDeps): Pick<Endpoints, 'exportMe' | 'importMe'> {
  return {
    exportMe: ({ principal, cancelled, clock }) =>
      describeMe(deps)(principal).andThen((profile) =>
        exportAccount({ ...deps, archives: deps.archiveWriter, clock })({
          owner: principal.userId,
          profile,
          isCancelled: () => cancelled.aborted,
        }).map(({ madeAtMs, bytes }) => ({
          status: 200 as const,
          headers: { 'Content-Disposition': `attachment; filename="clarity-export-${dateOf(madeAtMs)}.zip"` },
          stream: bytes,
        })),
      ),
    importMe: ({ principal, file, cancelled, clock, ids }) =>
      receiveArchive({ ...deps, archives: deps.archiveReader, clock, ids })({
        owner: principal.userId,
        content: file.content,
        limitBytes: deps.importLimitBytes,
        isCancelled: () => cancelled.aborted,
      })
        .map((report) => ({ status: 200 as const, body: receiptOf(report) }))
        .orElse((error): ResultAsync<never, EndpointError> =>
          errAsync(error.kind === 'import-cancelled' ? { kind: 'client-gone' } : error),
        ),
  };
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function receiptOf({ counts, setAside }: ImportReport) {
  const wire = (kind: ImportedKind) => {
    const { added, alreadyThere, setAside: aside } = counts[kind];
    return { added, already_there: alreadyThere, set_aside: aside };
  };
  return {
    counts: Object.fromEntries(IMPORTED_KINDS.map((kind) => [kind, wire(kind)])) as Record<
      ImportedKind,
      ReturnType<typeof wire>
    >,
    set_aside: setAside.map(({ firstAt, ...reason }) => ({ ...reason, first_at: firstAt })),
  };
}
