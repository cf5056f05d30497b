import { createReadStream } from 'node:fs';
import { err, type Result } from 'neverthrow';
import { readLines } from '../../core/archive/read-lines.ts';
import { exportedLineOf } from '../../core/audit/exported-line.ts';
import type { ExportedLine } from '../../core/audit/export-log.ts';
import type { AuditVerdict } from '../../core/audit/verify-audit.ts';
import { verifyExport, type VerifyExportPorts } from '../../core/audit/verify-export.ts';
import { portFault } from './account-place.ts';

const LONGEST_LINE_BYTES = 1024 ** 2;

/** A line that none is in an export; which it is, and why. */
class UnreadableLine extends Error {}

/** Verifies the export of an audit log that is in a file; fails with one plain text. */
export function verifyExportFile(ports: VerifyExportPorts) {
  return async (file: string): Promise<Result<AuditVerdict, string>> => {
    try {
      const verdict = await verifyExport(ports)(linesOf(file));
      return verdict.mapErr((error) =>
        error.kind === 'port-unavailable' ? portFault(error) : `${file} is no whole export: ${error.reason}`,
      );
    } catch (cause) {
      if (cause instanceof UnreadableLine) return err(`${file}, ${cause.message}`);
      if (cause instanceof Error && 'syscall' in cause) return err(`${file} cannot be read (${cause.message})`);
      throw cause;
    }
  };
}

async function* linesOf(file: string): AsyncGenerator<ExportedLine> {
  for await (const { number, value, fault } of readLines(createReadStream(file), LONGEST_LINE_BYTES)) {
    const line = fault === null ? exportedLineOf(value) : err(fault);
    if (line.isErr()) throw new UnreadableLine(`line ${String(number)}: ${line.error}`);
    yield line.value;
  }
}
