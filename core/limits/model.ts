/** What calls are counted as. Each kind has a limit of its own, and is counted apart from the others. */
export const LIMITED_CLASSES = [
  'register',
  'login',
  'recovery',
  'upload',
  'step-analysis',
  'analysis',
  'default',
] as const;
export type LimitedClass = (typeof LIMITED_CLASSES)[number];

/** So many calls at once, and in the long run so many in each stretch of time. */
export interface RateLimit {
  readonly calls: number;
  readonly windowMs: number;
}

/** The limit of every class. */
export type RateLimits = Readonly<Record<LimitedClass, RateLimit>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The limits of an installation whose operator has not chosen others. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  register: { calls: 5, windowMs: HOUR_MS },
  login: { calls: 10, windowMs: MINUTE_MS },
  // More than accounts that are made: whoever has forgotten a password asks for a code and mistypes it, too.
  recovery: { calls: 20, windowMs: HOUR_MS },
  upload: { calls: 100, windowMs: HOUR_MS },
  'step-analysis': { calls: 20, windowMs: HOUR_MS },
  analysis: { calls: 20, windowMs: HOUR_MS },
  default: { calls: 1000, windowMs: HOUR_MS },
};

/** Classes of calls by people who have not said who they are, or try to: they count for the client's address, always. */
const OF_ADDRESSES: ReadonlySet<LimitedClass> = new Set<LimitedClass>(['register', 'login', 'recovery']);

/** Whether the calls of a class count for where they come from also when it is known whose they are. */
export const countsForAddress = (limited: LimitedClass): boolean => OF_ADDRESSES.has(limited);
