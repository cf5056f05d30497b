import * as t from 'io-ts';
import { object } from './codec.ts';
import { list } from './scalars.ts';

/** A field that is null, and why its number could not be computed. */
export const NotComputed = object('NotComputed', { field: t.string, reason: t.string });

export const NotComputedList = list(NotComputed, { min: 0, max: 10_000 });
