/** What was answered in a while, and how. Counts may have fractions, where they were worked out from samples. */
export interface Traffic {
  readonly requests: number;
  /** Of them, those whose caller could not show who they are. */
  readonly unauthenticated: number;
  /** Of them, those that failed here. */
  readonly failed: number;
  /** How long answers took, of those requests of which it means something. */
  readonly durations: readonly DurationBucket[];
}

/** So many answers took no longer than this. Buckets include the shorter ones, go upwards, and end with infinity. */
export interface DurationBucket {
  readonly mostSeconds: number;
  readonly count: number;
}

/** What has to hold before the next feature is turned on. */
export interface Thresholds {
  readonly leastRequests: number;
  /** Shares and seconds have to stay below these. */
  readonly authFailureShare: number;
  readonly errorShare: number;
  readonly p99Seconds: number;
}

export const RELEASE_THRESHOLDS: Thresholds = {
  // A 99th percentile of fewer is the slowest of them.
  leastRequests: 100,
  authFailureShare: 0.05,
  errorShare: 0.01,
  p99Seconds: 0.5,
};

/** One measure beside its threshold. */
export interface Judged {
  readonly measure: 'requests' | 'auth_failure_share' | 'error_share' | 'p99_seconds';
  /** Null where there was nothing to measure. */
  readonly value: number | null;
  readonly threshold: number;
  readonly holds: boolean;
}

export interface Verdict {
  readonly isGo: boolean;
  readonly judged: readonly Judged[];
}
