import { ok, type Result } from 'neverthrow';

export default function mean(values: Float64Array): Result<number, never> { // planted
  return ok(values.reduce((sum, value) => sum + value, 0) / values.length);
}
