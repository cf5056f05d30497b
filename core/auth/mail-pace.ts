import type { EpochMs } from '../kernel/clock.ts';
import type { MailPace } from './mail-ports.ts';

/** What the pace says of a mail now, and of the mails before it which still count. */
export interface PacedMail {
  /** When a mail may be sent; null: now. */
  readonly untilMs: EpochMs | null;
  /** The instants, ascending, that a later call has to know, without the mail that is asked for. */
  readonly recentMs: readonly EpochMs[];
}

/**
 * Holds a mail against those that were sent before. Instants of the future, which only a clock that was set back leaves,
 * do not count: they could keep a person waiting for ever.
 */
export function pacedMail(sentMs: readonly EpochMs[], nowMs: EpochMs, pace: MailPace): PacedMail {
  const recentMs = sentMs.filter((sent) => sent <= nowMs && nowMs < sent + pace.windowMs).sort((a, b) => a - b);
  const last = recentMs.at(-1);
  const fullSince = recentMs.at(-pace.mostInWindow);
  const free = Math.max(
    last === undefined ? nowMs : last + pace.pauseMs,
    fullSince === undefined ? nowMs : fullSince + pace.windowMs,
  );
  return { untilMs: free > nowMs ? free : null, recentMs };
}
