import type { AnalysisDocument, LocalDayGrid } from '../../core/analysis/document.ts';
import type { ReportRenderer } from '../../core/analysis/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { reportPage } from './page.ts';

/**
 * The report as one HTML file: no script, no outside resource, its own style sheet for screen (light and dark), phone
 * and paper. The same input gives the same text, byte for byte. Every text of the document is escaped. The size grows
 * with the number of days and nights only: about 0.2 MB for 28 days, below 2 MB for a year.
 */
export class HtmlReportRenderer implements ReportRenderer {
  render(document: AnalysisDocument, grid: LocalDayGrid, generatedAtMs: EpochMs): string {
    return reportPage(document, grid, generatedAtMs);
  }
}
