import { ok, type Result } from 'neverthrow';

export const stampedAtMs = (): Result<number, never> => ok(Date.now()); // planted
export const stampedAt = (): Result<Date, never> => ok(new Date()); // planted
export const stampedAsText = (): Result<string, never> => ok(Date()); // planted
export const jitter = (): Result<number, never> => ok(Math.random()); // planted
