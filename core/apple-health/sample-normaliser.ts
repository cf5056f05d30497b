import { err, ok, type Result } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_DAY, localToInstant, type LocalZone } from '../kernel/local-time.ts';
import type { SampleType } from '../health-data/sample-types.ts';
import { UNKNOWN_OFFSET, type SampleSource } from '../health-data/samples.ts';
import { parseDecimal } from './decimal.ts';
import { NO_DEVICE, parseDeviceText, sampleSource, type DeviceDescription } from './device.ts';
import { categoryCode, conversionOf, typeRule, type QuantityRule, type TypeRule } from './identifiers.ts';
import { rejectionMessage, type SampleRejection, type SampleRejectionReason } from './rejections.ts';
import { readTimestamp, timestampRegister } from './timestamps.ts';
import { convert } from './units.ts';

/** One HealthKit sample as an export or an API client writes it. */
export interface RawHealthKitSample {
  /** Apple's identifier, such as `HKQuantityTypeIdentifierStepCount`; see `typeRule` for what else is understood. */
  readonly identifier: string;
  /** A number or its text for quantities; Apple's text or code for categories. */
  readonly value: string | number | null;
  readonly unit: string | null;
  /** See `readTimestamp` for the forms. */
  readonly startDate: string;
  readonly endDate: string;
  readonly sourceName: string | null;
  /** The text of an `HKDevice`, or its fields. */
  readonly device: string | DeviceDescription | null;
}

/** One sample in Clarity's type and unit. */
export interface NormalisedSample {
  readonly type: SampleType;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly value: number;
  /** Minutes east of UTC at the start, or `UNKNOWN_OFFSET`. */
  readonly offsetMinutes: number;
  readonly source: SampleSource;
}

/** What a sample is judged against. */
export interface SampleLimits {
  /** When the samples were written out or sent: nothing can have been measured (much) later. Null where not known. */
  readonly writtenAtMs: EpochMs | null;
  /** The zone in which to read dates without an offset; null refuses them. */
  readonly zone: LocalZone | null;
}

/** HealthKit opened in 2014 and takes older data of other trackers, but a clock that shows the last century is broken. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** The end of plausible dates where nothing says when the data was written. */
const LATEST_MS = Date.UTC(2100, 0, 1);
/** How far the clocks of two devices, or a wrong zone, may put a sample after the moment it was written out. */
const CLOCK_TOLERANCE_MS = MS_PER_DAY;

/**
 * The rules by which raw samples become samples, written so that millions can pass without an object each: `read` takes
 * one sample's texts and leaves the result in the fields.
 */
export class SampleNormaliser {
  type: SampleType = 'step_count';
  startMs: EpochMs = 0;
  endMs: EpochMs = 0;
  /** In the type's unit. */
  value = 0;
  /** Minutes east of UTC at the start, or `UNKNOWN_OFFSET`. */
  offsetMinutes: number = UNKNOWN_OFFSET;

  readonly #zone: LocalZone | null;
  readonly #instant = timestampRegister();
  #latestMs: EpochMs;
  #lastIdentifier = '';
  #lastRule: TypeRule | null = null;

  constructor(limits: SampleLimits) {
    this.#zone = limits.zone;
    this.#latestMs = latestPlausibleMs(limits.writtenAtMs);
  }

  /** Judges later samples against this moment; exports tell it at their beginning. */
  setWrittenAt(writtenAtMs: EpochMs): void {
    this.#latestMs = latestPlausibleMs(writtenAtMs);
  }

  /** The type an identifier stands for, or null. */
  typeOf(identifier: string): SampleType | null {
    return this.#ruleOf(identifier)?.type ?? null;
  }

  /** Null when the fields now hold the sample; otherwise why it is refused, and the fields are not to be read. */
  read(
    identifier: string,
    value: string | number | null,
    unit: string | null,
    startDate: string,
    endDate: string,
  ): SampleRejectionReason | null {
    const rule = this.#ruleOf(identifier);
    if (rule === null) return 'unknown-type';
    this.type = rule.type;
    return this.#readInterval(rule, startDate, endDate) ?? this.#readValue(rule, value, unit);
  }

  #ruleOf(identifier: string): TypeRule | null {
    // Exports are ordered by type, so the rule is nearly always that of the sample before.
    if (identifier !== this.#lastIdentifier) {
      this.#lastRule = typeRule(identifier);
      this.#lastIdentifier = identifier;
    }
    return this.#lastRule;
  }

  #readInterval(rule: TypeRule, startDate: string, endDate: string): SampleRejectionReason | null {
    const unreadableStart = this.#readInstant(startDate);
    if (unreadableStart !== null) return unreadableStart;
    const startMs = this.#instant.ms;
    this.offsetMinutes = this.#instant.offsetMinutes;
    if (endDate !== startDate) {
      const unreadableEnd = this.#readInstant(endDate);
      if (unreadableEnd !== null) return unreadableEnd;
    }
    const endMs = this.#instant.ms;
    this.startMs = startMs;
    this.endMs = endMs;
    if (startMs < EARLIEST_MS || startMs > this.#latestMs) return 'date-out-of-range';
    if (endMs < startMs) return 'ends-before-start';
    if (endMs > this.#latestMs) return 'date-out-of-range';
    return endMs - startMs > rule.maxDurationMs ? 'too-long' : null;
  }

  #readInstant(text: string): SampleRejectionReason | null {
    const instant = this.#instant;
    if (!readTimestamp(text, instant)) return 'bad-date';
    if (!instant.isLocal) return null;
    if (this.#zone === null) return 'no-utc-offset';
    const day = Math.floor(instant.ms / MS_PER_DAY);
    const msOfDay = instant.ms - day * MS_PER_DAY;
    const minuteOfDay = Math.floor(msOfDay / 60_000);
    instant.ms = localToInstant(this.#zone, day, minuteOfDay, (msOfDay - minuteOfDay * 60_000) / 1000);
    return null;
  }

  #readValue(rule: TypeRule, value: string | number | null, unit: string | null): SampleRejectionReason | null {
    if (rule.kind === 'quantity') return this.#readQuantity(rule, value, unit);
    const code = categoryCode(rule, value);
    if (code === null) return 'bad-value';
    this.value = code;
    return null;
  }

  #readQuantity(rule: QuantityRule, value: string | number | null, unit: string | null): SampleRejectionReason | null {
    const written = typeof value === 'string' ? parseDecimal(value) : (value ?? NaN);
    if (!Number.isFinite(written)) return 'bad-value';
    const conversion = conversionOf(rule, unit);
    if (conversion === null) return 'unknown-unit';
    const isFraction = rule.percent && written <= 1;
    const converted = isFraction ? written * 100 : convert(written, conversion);
    if (!(converted >= rule.min && converted <= rule.max)) return 'value-out-of-range';
    // Minus zero and zero are one value.
    this.value = converted + 0;
    return null;
  }
}

/** One raw sample in Clarity's terms, or why it cannot be used. The rules are those of `SampleNormaliser`. */
export function normaliseSample(
  raw: RawHealthKitSample,
  limits: SampleLimits,
): Result<NormalisedSample, SampleRejection> {
  const normaliser = new SampleNormaliser(limits);
  const reason = normaliser.read(raw.identifier, raw.value, raw.unit, raw.startDate, raw.endDate);
  if (reason !== null) {
    const type = normaliser.typeOf(raw.identifier);
    const message = rejectionMessage(reason, type, raw.identifier);
    return err({ kind: 'sample-rejected', reason, type, identifier: raw.identifier, message });
  }
  const { type, startMs, endMs, value, offsetMinutes } = normaliser;
  const device = typeof raw.device === 'string' ? parseDeviceText(raw.device) : (raw.device ?? NO_DEVICE);
  return ok({ type, startMs, endMs, value, offsetMinutes, source: sampleSource(raw.sourceName, device) });
}

function latestPlausibleMs(writtenAtMs: EpochMs | null): EpochMs {
  const known = writtenAtMs !== null && writtenAtMs >= EARLIEST_MS && writtenAtMs <= LATEST_MS;
  return known ? writtenAtMs + CLOCK_TOLERANCE_MS : LATEST_MS;
}
