import type { FactName } from '../fact-catalogue.ts';
import { rounded, shown } from '../numbers-of-text.ts';

/** What an insight can be about; `recording` belongs to all of them. */
export type Topic = 'recording' | 'sleep' | 'circadian' | 'activity';

/** Something that a narrative wants to tell. Of the rules for a subject, the first one whose facts are there tells it. */
export type Subject =
  | 'coverage'
  | 'sleep-duration'
  | 'sleep-spread'
  | 'sleep-efficiency'
  | 'sleep-onset'
  | 'waking-at-night'
  | 'sleep-regularity'
  | 'daily-pattern'
  | 'fragmentation'
  | 'amplitude'
  | 'timing'
  | 'daily-activity';

/** The values of the facts that a rule needs, by name; and of those that it can use, where they are there. */
export interface Known {
  readonly value: (name: FactName) => number;
  readonly perhaps: (name: FactName) => number | null;
}

/** What a rule says. */
export interface Told {
  /** For the narrative: one or two whole sentences. */
  readonly sentence: string;
  /** The same in short. */
  readonly keyInsight: string;
  /** General advice that fits, if any. */
  readonly recommendations: readonly string[];
}

/** One thing that can be said, what it stands on, and where its reference range is from. */
export interface Rule {
  readonly id: string;
  readonly subject: Subject;
  readonly topics: readonly Topic[];
  /** Among the few things that are told in short. */
  readonly isKey: boolean;
  /** Without all of these the rule says nothing. */
  readonly needs: readonly FactName[];
  readonly mayUse?: readonly FactName[];
  /** The source of the reference range; null where there is no accepted one, and the rule describes without judging. */
  readonly reference: string | null;
  /** The numbers besides facts that its texts may name: bounds of a range, ends of a scale. */
  readonly names: readonly number[];
  readonly tell: (known: Known) => Told;
}

/** Bounds that are looked at for a clinician's advice need this many nights: a week. */
export const NIGHTS_OF_A_WEEK = 7;

/** `1 night`, `7 nights`. */
export const nights = (count: number): string => counted(count, 'night');
/** `1 day`, `7 days`. */
export const days = (count: number): string => counted(count, 'day');
/** `1 minute`, `33 minutes`. */
export const minutes = (count: number): string => counted(count, 'minute');

const counted = (count: number, one: string): string =>
  rounded(count) === 1 ? `${shown(count)} ${one}` : `${shown(count)} ${one}s`;
