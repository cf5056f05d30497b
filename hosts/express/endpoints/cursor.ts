import type { MetricPosition } from '../../../core/health-data/model.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';

/** A place in the metric list, and whether the page follows it or ends before it. */
export interface ListPlace extends MetricPosition {
  readonly page: 'after' | 'before';
}

/** Writes a place in the metric list as an opaque text; it tells nothing of whose list it is. */
export const writeCursor = ({ createdAtMs, metricId, page }: ListPlace): string =>
  opaqueText(page === 'after' ? [createdAtMs, metricId] : [createdAtMs, metricId, page]);

/** Reads a cursor; null where it is not one that `writeCursor` made. */
export function readCursor(cursor: string): ListPlace | null {
  const [createdAtMs, metricId, page = 'after', ...rest] = partsOf(cursor);
  if (!Number.isSafeInteger(createdAtMs) || typeof metricId !== 'string' || rest.length > 0) return null;
  if (page !== 'after' && page !== 'before') return null;
  const place: ListPlace = { createdAtMs: createdAtMs as number, metricId, page };
  return writeCursor(place) === cursor ? place : null;
}

/** Writes an instant at which a page of a series begins as an opaque text. */
export const writeTimeCursor = (instantMs: EpochMs): string => opaqueText([instantMs]);

/** Reads a cursor; null where it is not one that `writeTimeCursor` made. */
export function readTimeCursor(cursor: string): EpochMs | null {
  const [instantMs] = partsOf(cursor);
  if (!Number.isSafeInteger(instantMs)) return null;
  return writeTimeCursor(instantMs as number) === cursor ? (instantMs as number) : null;
}

/** Writes parts as one opaque text that goes into a URL. */
export const opaqueText = (parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** The parts of what `opaqueText` wrote; none where it did not. Decoding base64 forgives what does not belong to it. */
export function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) && opaqueText(parts as readonly (string | number)[]) === text ? parts : [];
  } catch {
    return [];
  }
}
