export interface ISummary { // planted
  readonly days: number;
}

export type day_count = number; // planted

export class summaryMaker {} // planted

export type Of<value> = { readonly value: value }; // planted

/** These are named well. */
export interface Interval {
  readonly fromMs: number;
}
export type IO = string;
