/** Where the service's own counts lie in CloudWatch. */
export const METRIC_NAMESPACE = 'Clarity';

/**
 * What an operator is woken for and AWS cannot know by itself. The processes write each as a log line in the embedded metric
 * format; the alarms are over these names.
 */
export const WATCHED_FACTS = {
  /** Accounts that logins are refused for, after failures. */
  lockouts: 'LoginLockouts',
  /** Calls that AWS refused for want of a permission. */
  accessDenied: 'AccessDenied',
  /** Model files whose bytes are not those of the manifest. */
  modelIntegrity: 'ModelIntegrityFailures',
  /** Times that the narrator's breaker has opened. */
  breakerOpened: 'InsightBreakerOpened',
  /** Looks at the process that found it not ready. */
  notReady: 'NotReady',
} as const;
export type WatchedFact = keyof typeof WATCHED_FACTS;
