import { ok, type Result } from 'neverthrow';

export function mean(values: Float64Array): Result<number, never> {
  return ok(values.reduce((sum, value) => sum + value, 0) / values.length);
}
