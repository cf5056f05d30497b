/**
 * Something outside the process that a port stands for did not do its work: the disk is full, the table is throttled,
 * the connection was reset. `retryable` says whether the same call may succeed later.
 */
export interface PortUnavailable {
  readonly kind: 'port-unavailable';
  /** The port's name, such as `SampleStore`. */
  readonly port: string;
  readonly operation: string;
  /** The technology's own words, for the operator's log; never shown to a client. */
  readonly cause: string;
  readonly retryable: boolean;
}

export function portUnavailable(port: string, operation: string, cause: unknown, retryable = true): PortUnavailable {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return { kind: 'port-unavailable', port, operation, cause: text, retryable };
}

/** The record does not exist, or belongs to somebody else: the two are the same answer. */
export interface NotFound {
  readonly kind: 'not-found';
  readonly resource:
    | 'processing'
    | 'analysis'
    | 'metric'
    | 'user'
    | 'object'
    | 'insight'
    | 'webhook'
    | 'delivery'
    | 'session'
    | 'patient'
    | 'consent'
    | 'job';
  readonly id: string;
}

export const notFound = (resource: NotFound['resource'], id: string): NotFound => ({ kind: 'not-found', resource, id });

/** One rejected part of an input: a JSON pointer, what is wrong, and a stable code. */
export interface InputIssue {
  /** RFC 6901 pointer into the input, such as `/metrics/3/sleep_data/sleep_end`. */
  readonly pointer: string;
  readonly message: string;
  readonly code: string;
}

/** The input is well formed but cannot be accepted. */
export interface InputRejected {
  readonly kind: 'input-rejected';
  readonly issues: readonly InputIssue[];
}

export const inputRejected = (...issues: InputIssue[]): InputRejected => ({ kind: 'input-rejected', issues });
