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
