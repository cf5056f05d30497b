import { ok, safeTry, type ResultAsync } from 'neverthrow';
import type { Insight } from '../insights/model.ts';
import {
  orNull,
  sideUnavailable,
  type AccountMove,
  type AccountSide,
  type SideName,
  type SideUnavailable,
} from './account-side.ts';
import type { ReportProgress } from './copy-uploads.ts';

const INSIGHTS_A_PAGE = 100;

/** Copies every insight that the target does not have. Answers how many were written. */
export function copyInsights(
  progress: ReportProgress,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  let done = 0;
  let written = 0;
  return eachInsightPage('source', source, (insights) =>
    safeTry(async function* () {
      for (const insight of insights) {
        const { owner, stores } = target;
        // An insight is never changed, so one that is there is this one.
        if ((yield* orNull('target', stores.insights.get(owner, insight.insightId))) !== null) continue;
        yield* stores.insights.insert({ ...insight, owner }).mapErr(sideUnavailable('target'));
        written++;
      }
      done += insights.length;
      progress({ stage: 'copy', kind: 'insights', done });
      return ok(undefined);
    }),
  ).map(() => written);
}

/** All insights of one side, newest first, a page at a time. */
export function eachInsightPage(
  side: SideName,
  { stores, owner }: AccountSide,
  work: (insights: readonly Insight[]) => ResultAsync<void, SideUnavailable>,
): ResultAsync<void, SideUnavailable> {
  return safeTry(async function* () {
    for (let offset = 0; ; offset += INSIGHTS_A_PAGE) {
      const page = yield* stores.insights.list(owner, { limit: INSIGHTS_A_PAGE, offset }).mapErr(sideUnavailable(side));
      if (page.insights.length > 0) yield* work(page.insights);
      if (!page.hasMore) return ok(undefined);
    }
  });
}
