/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** The one source of "now"; injected so that tests decide what time it is. */
export interface Clock {
  now(): EpochMs;
}
