import type { Clock } from '../core/clock.ts'; // planted

export type ServerTime = ReturnType<Clock['now']>;
