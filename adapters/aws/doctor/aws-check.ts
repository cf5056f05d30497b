import type { Finding } from '../../../core/diagnosis/finding.ts';

/** One resource to look at, by calls that change nothing that was there before. */
export interface AwsCheck {
  readonly subject: string;
  /** Never rejects for what AWS answers; rejects when the signal ends the wait. */
  readonly run: (abortSignal: AbortSignal) => Promise<readonly Finding[]>;
}
