import type { Week } from './week.ts'; // planted

export interface Night {
  readonly week: Week;
}
