import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { AnalysisId, ProcessingId, UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { AnalysisDocument, LocalDayGrid } from './document.ts';

/** `window` is the main result of an upload; `week` one of the complete weeks inside it. */
export type AnalysisScope = 'window' | 'week';

/** One stored analysis. */
export interface AnalysisRecord {
  readonly owner: UserId;
  readonly analysisId: AnalysisId;
  readonly upload: ProcessingId;
  readonly scope: AnalysisScope;
  readonly createdAtMs: EpochMs;
  readonly document: AnalysisDocument;
  readonly grid: LocalDayGrid;
}

/** Keeps analyses. */
export interface AnalysisStore extends ErasesOwner {
  /** Stores all or nothing, replacing every earlier analysis of the upload. */
  replaceForUpload(
    owner: UserId,
    upload: ProcessingId,
    records: readonly AnalysisRecord[],
  ): ResultAsync<void, PortUnavailable>;
  /** The upload's analysis of scope `window`. */
  getForUpload(owner: UserId, upload: ProcessingId): ResultAsync<AnalysisRecord, NotFound | PortUnavailable>;
  /** All analyses of the upload: the window first, then weeks in time order. */
  listForUpload(owner: UserId, upload: ProcessingId): ResultAsync<readonly AnalysisRecord[], PortUnavailable>;
  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable>;
}

/** Something that other systems may want to know of. */
export interface AnalysisEvent {
  readonly type: 'analysis.completed' | 'insight.completed';
  readonly owner: UserId;
  /** Null for an insight about results that were sent along. */
  readonly upload: ProcessingId | null;
  /** Of the analysis or the insight. */
  readonly id: string;
  readonly atMs: EpochMs;
}

/** Tells other systems. An event is a hint that something is there to be read; what is true is in the stores. */
export interface EventPublisher {
  publish(event: AnalysisEvent): ResultAsync<void, PortUnavailable>;
}

/** Turns a document and its minutes into something a person looks at. */
export interface ReportRenderer {
  /** One self-contained HTML file: no external request, script-free, readable on a phone and on paper. */
  render(document: AnalysisDocument, grid: LocalDayGrid, generatedAtMs: EpochMs): string;
}
