import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { AnalysisRecord } from '../analysis/ports.ts';
import { analysisOfLine } from './analysis-line.ts';
import type { ImportError, ImportStep } from './import-step.ts';
import { eachLine } from './import-lines.ts';
import type { VerifiedArchive } from './verified-archive.ts';

/** Ten years of minutes as JSON take a third of it. */
const LONGEST_LINE_BYTES = 64 * 1024 ** 2;
/** Minutes and analyses of one upload that are held at once: the window of 15 years with all of its weeks. */
const MOST_MINUTES_AT_ONCE = 16_000_000;
const MOST_ANALYSES_AT_ONCE = 2000;

/**
 * Adds the analyses of the uploads that have none yet, all of an upload in one step: the lines of an upload follow each
 * other. Those of an upload that is not the owner's are set aside.
 */
export function importAnalyses(step: ImportStep, archive: VerifiedArchive): ResultAsync<void, ImportError> {
  const { ports, owner, tally } = step;
  let held: AnalysisRecord[] = [];
  let heldMinutes = 0;
  const flush = async (): Promise<Result<void, ImportError>> => {
    const [first] = held;
    if (first === undefined) return ok(undefined);
    const records = held;
    held = [];
    heldMinutes = 0;
    const cancelled = await step.goOn();
    if (cancelled.isErr()) return err(cancelled.error);
    const there = await ports.analyses.listForUpload(owner, first.upload);
    if (there.isErr()) return err(there.error);
    if (there.value.length > 0) {
      tally.alreadyThere('analyses', records.length);
      return ok(undefined);
    }
    const replaced = await ports.analyses.replaceForUpload(owner, first.upload, records);
    if (replaced.isErr()) return err(replaced.error);
    tally.added('analyses', records.length);
    return ok(undefined);
  };
  const take = async (record: AnalysisRecord, place: string): Promise<Result<void, ImportError>> => {
    const isNext = held[0]?.upload !== record.upload;
    if (isNext) {
      const stored = await flush();
      if (stored.isErr()) return err(stored.error);
      const upload = await ports.uploads.get(owner, record.upload);
      if (upload.isErr()) {
        if (upload.error.kind === 'port-unavailable') return err(upload.error);
        tally.setAside(
          'analyses',
          { code: 'no-upload', message: 'an analysis is of an upload that is not there' },
          place,
        );
        return ok(undefined);
      }
    }
    heldMinutes += record.grid.values.length;
    if (held.length >= MOST_ANALYSES_AT_ONCE || heldMinutes > MOST_MINUTES_AT_ONCE) {
      heldMinutes -= record.grid.values.length;
      tally.setAside('analyses', { code: 'too-many', message: 'an upload has more analyses than are read' }, place);
      return ok(undefined);
    }
    held.push(record);
    return ok(undefined);
  };
  return eachLine(step, archive.filesOf('analyses'), {
    kind: 'analyses',
    longestBytes: LONGEST_LINE_BYTES,
    read: (value) => analysisOfLine(value, owner, ports.readDocument),
    take: (record, _, place) => take(record, place),
  }).andThen(() => new ResultAsync(flush()));
}
