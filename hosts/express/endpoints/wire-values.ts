import type { ImportNotice } from '../../../core/health-data/model.ts';

/** An instant as the contract's clients read it: ISO 8601 in UTC, with `+00:00` for the offset. */
export const isoUtc = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');

/** What was set aside, as the wire names it. */
export const wireNotices = (notices: readonly ImportNotice[]) =>
  notices.map(({ code, message, count, firstAt }) => ({ code, message, count, first_at: firstAt }));
