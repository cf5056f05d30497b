import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { movedUpload } from '../account/account-side.ts';
import type { Metric } from '../health-data/model.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import type { ImportError, ImportStep } from './import-step.ts';
import { eachLine } from './import-lines.ts';
import { insightOfLine } from './insight-line.ts';
import { metricOfLine } from './metric-line.ts';
import { uploadOfLine } from './upload-line.ts';
import type { VerifiedArchive } from './verified-archive.ts';

const LONGEST_LINE_BYTES = 16 * 1024 ** 2;
const METRICS_AT_ONCE = 500;
const BYTES_AT_ONCE = 8 * 1024 ** 2;
/** More than anybody sends in a life; their ids are held until the import is over. */
const MOST_UPLOADS = 200_000;

/** Adds the uploads that are not there. Answers all uploads of the archive, with the key of what each has kept. */
export function importUploads(
  step: ImportStep,
  archive: VerifiedArchive,
): ResultAsync<ReadonlyMap<ProcessingId, string | null>, ImportError> {
  const { ports, owner, tally } = step;
  const uploads = new Map<ProcessingId, string | null>();
  return eachLine(step, archive.filesOf('uploads'), {
    kind: 'uploads',
    longestBytes: LONGEST_LINE_BYTES,
    read: (value) => uploadOfLine(value, archive.manifest.userId),
    take: async (given, _, place) => {
      const cancelled = await step.goOn();
      if (cancelled.isErr()) return err(cancelled.error);
      if (uploads.size >= MOST_UPLOADS) {
        tally.setAside('uploads', { code: 'too-many', message: 'an archive has more uploads than are read' }, place);
        return ok(undefined);
      }
      const upload = movedUpload(given, owner);
      const there = await ports.uploads.get(owner, upload.processingId);
      if (there.isErr() && there.error.kind === 'port-unavailable') return err(there.error);
      if (there.isOk()) tally.alreadyThere('uploads');
      else {
        const inserted = await ports.uploads.insert(upload);
        if (inserted.isErr()) return err(inserted.error);
        tally.added('uploads');
      }
      uploads.set(upload.processingId, upload.raw?.key ?? null);
      return ok(undefined);
    },
  }).map(() => uploads);
}

/** Adds the metrics that are not there, some at a time. */
export function importMetrics(step: ImportStep, archive: VerifiedArchive): ResultAsync<void, ImportError> {
  const { ports, owner, tally } = step;
  let held: Metric[] = [];
  let heldBytes = 0;
  const flush = async (): Promise<Result<void, ImportError>> => {
    const metrics = held;
    held = [];
    heldBytes = 0;
    const cancelled = await step.goOn();
    if (cancelled.isErr()) return err(cancelled.error);
    const outcomes = await ports.metrics.append(owner, metrics);
    if (outcomes.isErr()) return err(outcomes.error);
    const added = outcomes.value.filter((outcome) => outcome === 'stored').length;
    tally.added('metrics', added);
    tally.alreadyThere('metrics', metrics.length - added);
    return ok(undefined);
  };
  return eachLine(step, archive.filesOf('metrics'), {
    kind: 'metrics',
    longestBytes: LONGEST_LINE_BYTES,
    read: metricOfLine,
    take: async (metric, { bytes }) => {
      held.push(metric);
      heldBytes += bytes;
      return held.length >= METRICS_AT_ONCE || heldBytes >= BYTES_AT_ONCE ? await flush() : ok(undefined);
    },
  }).andThen(() => new ResultAsync(flush()));
}

/** Adds the insights that are not there. */
export function importInsights(step: ImportStep, archive: VerifiedArchive): ResultAsync<void, ImportError> {
  const { ports, owner, tally } = step;
  return eachLine(step, archive.filesOf('insights'), {
    kind: 'insights',
    longestBytes: LONGEST_LINE_BYTES,
    read: (value) => insightOfLine(value, owner),
    take: async (insight) => {
      const cancelled = await step.goOn();
      if (cancelled.isErr()) return err(cancelled.error);
      const there = await ports.insights.get(owner, insight.insightId);
      if (there.isErr() && there.error.kind === 'port-unavailable') return err(there.error);
      if (there.isOk()) tally.alreadyThere('insights');
      else {
        const inserted = await ports.insights.insert(insight);
        if (inserted.isErr()) return err(inserted.error);
        tally.added('insights');
      }
      return ok(undefined);
    },
  });
}
