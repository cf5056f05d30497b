import type { EpochDay, LocalZone } from '../../core/kernel/local-time.ts';
import type { ImportNotice } from '../../core/health-data/model.ts';
import type { NonWearRule } from '../../core/analysis/recording.ts';
import type { ModelChoice } from './local-model.ts';

/** What the person asked for. */
export interface AnalyzeRequest {
  readonly file: string;
  readonly zone: LocalZone | null;
  readonly firstDay: EpochDay | null;
  readonly lastDay: EpochDay | null;
  readonly nonWear: NonWearRule;
  /** How many days the encoder is to be given; null for seven, or all where there are fewer. */
  readonly encodedDays: number | null;
  readonly modelChoice: ModelChoice;
  readonly report: string | null;
  readonly json: boolean;
}

/** The file cannot be analysed; `message` says why and where. */
export interface NotAnalysed {
  readonly kind: 'not-analysed';
  readonly message: string;
}

export const notAnalysed = (message: string): NotAnalysed => ({ kind: 'not-analysed', message });

/** Where an analysis reports what it set aside and how far it is. */
export interface Reporting {
  readonly note: (line: string) => void;
  readonly progress: (fraction: number, label: string) => void;
}

/** Tells what was set aside of a file, each kind with its first place. */
export function reportNotices(notices: readonly ImportNotice[], reporting: Reporting): void {
  for (const { message, count, firstAt } of notices) {
    reporting.note(`set aside: ${String(count)} x ${message}${firstAt === null ? '' : ` First at ${firstAt}.`}`);
  }
}
