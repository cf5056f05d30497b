import type { SampleSource } from '../health-data/samples.ts';
import type { SleepSession } from './sleep-sessions.ts';

/** What one source recorded of one night. */
export interface NightCandidate {
  readonly source: SampleSource;
  /** In time order, at least one. */
  readonly sessions: readonly SleepSession[];
}

/** Whether the source tells sleep at all, and not only time in bed. */
export const knowsSleep = ({ sessions }: NightCandidate): boolean => sessions.some((s) => s.segments.length > 0);

/**
 * The one source that a night is told from; two are never added up. A source that knows about sleep goes before one that
 * only knows about the bed. Among those that saw at least half of the most sleep that any of them saw (so that a watch
 * that ran out of power does not stand for the night), a watch that tells stages goes first; then the one with the most
 * sleep (or time in bed); then the key decides, so that the choice is always the same. Null without candidates.
 */
export function chooseSource(candidates: readonly NightCandidate[]): NightCandidate | null {
  const most = Math.max(0, ...candidates.map(asleepMs));
  const rank = (candidate: NightCandidate): number => {
    if (!knowsSleep(candidate)) return 0;
    const isStagedWatch = candidate.source.device === 'watch' && candidate.sessions.some((s) => s.hasStages);
    return isStagedWatch && asleepMs(candidate) * 2 >= most ? 2 : 1;
  };
  const better = (a: NightCandidate, b: NightCandidate): number =>
    rank(b) - rank(a) || recordedMs(b) - recordedMs(a) || (a.source.key < b.source.key ? -1 : 1);
  return [...candidates].sort(better)[0] ?? null;
}

/** The session with the most sleep, or, where there is none, the longest; the first of equals; null of none. */
export function mainSession(sessions: readonly SleepSession[]): SleepSession | null {
  const isMore = (a: SleepSession, b: SleepSession): boolean =>
    a.asleepMs > b.asleepMs || (a.asleepMs === b.asleepMs && lengthMs(a) > lengthMs(b));
  return sessions.reduce<SleepSession | null>(
    (best, session) => (best === null || isMore(session, best) ? session : best),
    null,
  );
}

function asleepMs({ sessions }: NightCandidate): number {
  return sessions.reduce((sum, session) => sum + session.asleepMs, 0);
}

/** Time asleep, or in bed where no more is known. */
function recordedMs(candidate: NightCandidate): number {
  if (knowsSleep(candidate)) return asleepMs(candidate);
  return candidate.sessions.reduce((sum, session) => sum + lengthMs(session), 0);
}

const lengthMs = ({ startMs, endMs }: SleepSession): number => endMs - startMs;
