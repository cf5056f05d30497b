import type { MetricPosition } from '../../../core/health-data/model.ts';

/** Writes a place in the metric list as an opaque text. */
export const writeCursor = ({ createdAtMs, metricId }: MetricPosition): string =>
  Buffer.from(JSON.stringify([createdAtMs, metricId])).toString('base64url');

/** Reads a cursor; null where it is not one that `writeCursor` made. */
export function readCursor(cursor: string): MetricPosition | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== 2) return null;
    const [createdAtMs, metricId] = parts as [unknown, unknown];
    if (!Number.isSafeInteger(createdAtMs) || typeof metricId !== 'string') return null;
    const position = { createdAtMs: createdAtMs as number, metricId };
    // Decoding base64 forgives what does not belong to it.
    return writeCursor(position) === cursor ? position : null;
  } catch {
    return null;
  }
}
