import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import { isoDate, MS_PER_DAY } from '../kernel/local-time.ts';

const datePath = (atMs: EpochMs): string => isoDate(Math.floor(atMs / MS_PER_DAY)).replaceAll('-', '/');

/** Key of a raw `/health-data` body: `raw_data/YYYY/MM/DD/<user>/<processing>.json`, by UTC date of receipt. */
export const rawMetricsKey = (owner: UserId, upload: ProcessingId, atMs: EpochMs): string =>
  `raw_data/${datePath(atMs)}/${owner}/${upload}.json`;

/** Key of a raw HealthKit or analysis body: `uploads/YYYY/MM/DD/<user>/<upload>.<extension>`, by UTC date of receipt. */
export const rawUploadKey = (
  owner: UserId,
  upload: ProcessingId,
  atMs: EpochMs,
  extension: 'json' | 'zip' | 'xml',
): string => `uploads/${datePath(atMs)}/${owner}/${upload}.${extension}`;

/** Whether the key is one under which raw bytes of this upload are kept: its last part is the id, without the extension. */
export function isRawKeyOf(key: string, upload: ProcessingId): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return name.slice(0, name.lastIndexOf('.')) === upload;
}
