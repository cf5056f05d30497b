import type { Result } from 'neverthrow';

/**
 * The value of a result that must have one. The unsafe methods of neverthrow throw an object that is not an `Error`, on
 * which uvu ends the file early and reports success; this throws an `Error`.
 */
export function valueOf<T, E>(result: Result<T, E>): T {
  if (result.isErr()) throw new Error(`expected a value, got the error ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The error of a result that must have failed. */
export function errorOf<T, E>(result: Result<T, E>): E {
  if (result.isOk()) throw new Error(`expected an error, got the value ${JSON.stringify(result.value)}`);
  return result.error;
}
