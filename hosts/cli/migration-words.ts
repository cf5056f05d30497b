import type { MoveProgress, SideUnavailable } from '../../core/account/account-side.ts';
import type { KindComparison } from '../../core/account/compare-accounts.ts';
import type { CopiedCounts } from '../../core/account/copy-account.ts';
import { portFault } from './account-place.ts';

/** The proof as lines: what each side holds of each kind, and whether that is the same. */
export function comparisonTable(
  comparisons: readonly KindComparison[],
  names: { readonly source: string; readonly target: string },
): readonly string[] {
  const width = Math.max(names.source.length, names.target.length);
  const row = (kind: string, name: string, { count, sha256 }: KindComparison['source'], verdict: string): string =>
    `  ${kind.padEnd(9)}  ${name.padEnd(width)}  ${String(count).padStart(10)}  ${sha256}  ${verdict}`.trimEnd();
  return comparisons.flatMap(({ kind, source, target, equal }) => [
    row(kind, names.source, source, ''),
    row('', names.target, target, equal ? 'equal' : 'DIFFERENT'),
  ]);
}

/** One line on how far the work is. */
export const progressLine = ({ stage, kind, done }: MoveProgress): string =>
  `${stage === 'copy' ? 'Copying' : 'Comparing'} ${kind}: ${String(done)}`;

/** What a copy wrote; what is not told was there before. */
export const copiedLine = ({ objects, uploads, metrics, samples, analyses, insights }: CopiedCounts): string =>
  `Written: ${String(objects)} objects, ${String(uploads)} uploads, ${String(metrics)} metrics, ` +
  `${String(samples)} days of samples, analyses of ${String(analyses)} uploads, ${String(insights)} insights.`;

export const sideFault = ({ side, error }: SideUnavailable): string =>
  `the ${side} did not do its part (${portFault(error)}). ` + 'The same command goes on from here.';
