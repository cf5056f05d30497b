import { ResultAsync } from 'neverthrow';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { isRetryable } from './database.ts';

/** A port's operation as a Result: whatever the database throws is `port-unavailable`. */
export const orUnavailable = <T>(port: string, operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> =>
  ResultAsync.fromPromise(work, (cause) => portUnavailable(port, operation, cause, isRetryable(cause)));
