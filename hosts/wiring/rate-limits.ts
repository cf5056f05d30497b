import { DEFAULT_RATE_LIMITS, LIMITED_CLASSES, type LimitedClass, type RateLimits } from '../../core/limits/model.ts';
import { variable, type ReadSetting } from './setting-codecs.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const MOST_CALLS = 1_000_000_000;
const MOST_MULTIPLIED = 1_000_000;

const LIMIT = /^([1-9]\d{0,8})\/(s|min|h|d)$/;
const MULTIPLIER = /^(?:0\.\d{1,6}|[1-9]\d{0,6}(?:\.\d{1,6})?)$/;

const EXAMPLE = 'register=5/h,login=10/min,upload=100/h,default=1000/h,multiplier=10';

/** Limits, or `off`. What is not named keeps its default; the multiplier raises (or lowers) all of them. */
const rateLimits = variable<RateLimits | 'off'>(`limits such as ${EXAMPLE}, or off`, (text) =>
  text === 'off' ? 'off' : limitsOf(text),
);

/** The same where it cannot be turned off. */
const rateLimitsInProduction = variable<RateLimits | 'off'>(
  `limits such as ${EXAMPLE}; a service in production does not start without limits, so not off: raise them by a multiplier`,
  limitsOf,
);

/** How many calls are answered, by class; null where there are no limits, which is refused in production. */
export function readRateLimits(read: ReadSetting, environment: string): RateLimits | null {
  const codec = environment === 'production' ? rateLimitsInProduction : rateLimits;
  const limits = read('RATE_LIMITS', codec, DEFAULT_RATE_LIMITS);
  return limits === 'off' ? null : limits;
}

function limitsOf(text: string): RateLimits | null {
  const limits = { ...DEFAULT_RATE_LIMITS };
  let multiplier = 1;
  const named = new Set<string>();
  for (const part of text.split(',').map((one) => one.trim())) {
    const [name = '', value = '', ...more] = part.split('=').map((word) => word.trim());
    if (more.length > 0 || named.has(name)) return null;
    named.add(name);
    const [, calls, unit] = LIMIT.exec(value) ?? [];
    if (name === 'multiplier' && MULTIPLIER.test(value)) multiplier = Number(value);
    else if (isLimitedClass(name) && calls !== undefined) {
      limits[name] = { calls: Number(calls), windowMs: UNITS_MS[unit ?? ''] ?? 0 };
    } else return null;
  }
  if (!(multiplier > 0) || multiplier > MOST_MULTIPLIED) return null;
  for (const name of LIMITED_CLASSES) {
    const { calls, windowMs } = limits[name];
    limits[name] = { calls: Math.min(MOST_CALLS, Math.max(1, Math.round(calls * multiplier))), windowMs };
  }
  return limits;
}

const isLimitedClass = (name: string): name is LimitedClass => (LIMITED_CLASSES as readonly string[]).includes(name);
