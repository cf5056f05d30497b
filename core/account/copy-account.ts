import { ok, safeTry, type ResultAsync } from 'neverthrow';
import type { AccountKind, AccountMove, SideUnavailable, StreamDigest } from './account-side.ts';
import { copyInsights } from './copy-insights.ts';
import { copyMetrics, copySamples } from './copy-measurements.ts';
import { copyAnalyses, copyUploads, type ReportProgress } from './copy-uploads.ts';
import { copyObjects } from './object-bytes.ts';

export interface CopyAccountDeps {
  readonly streamDigest: StreamDigest;
  readonly progress: ReportProgress;
}

/** How many pieces were written: objects, uploads, metrics, chunks of samples, uploads with their analyses, insights. */
export type CopiedCounts = Readonly<Record<AccountKind, number>>;

/**
 * Copies everything that a person has sent, and what was made of it, to other stores, where it may belong to another
 * id. What the target has already is read and left alone, so the same call after an interruption at any moment goes on
 * and ends in the same state. Nothing is removed at either side, and nothing but the person's own data is touched. Jobs
 * and the account itself (with its password) are not copied. Nobody should send or delete anything at either side
 * meanwhile; `compareAccounts` finds where somebody did.
 */
export function copyAccount(deps: CopyAccountDeps) {
  return (move: AccountMove): ResultAsync<CopiedCounts, SideUnavailable> =>
    safeTry(async function* () {
      const objects = yield* copyObjects(deps, move);
      const uploads = yield* copyUploads(deps.progress, move);
      const metrics = yield* copyMetrics(deps.progress, move);
      const samples = yield* copySamples(deps.progress, move);
      const analyses = yield* copyAnalyses(deps.progress, move);
      const insights = yield* copyInsights(deps.progress, move);
      return ok({ objects, uploads, metrics, samples, analyses, insights });
    });
}
