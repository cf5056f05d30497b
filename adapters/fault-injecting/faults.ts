/** What goes wrong between a program and something that it asks over a network. */
export const FAULT_KINDS = ['timeout', 'throttle', 'server-error', 'reset', 'malformed-answer'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Whether it goes wrong before the effect of the call took place, or after it, when only the answer is lost. */
export const FAULT_MOMENTS = ['before', 'after'] as const;
export type FaultMoment = (typeof FAULT_MOMENTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly moment: FaultMoment;
}

/** Every fault there is: each kind at each moment. */
export const FAULTS: readonly Fault[] = FAULT_KINDS.flatMap((kind) =>
  FAULT_MOMENTS.map((moment) => ({ kind, moment })),
);

/** A fault and the call that it struck. */
export interface InjectedFault extends Fault {
  readonly port: string;
  readonly method: string;
  /** 1 for the first call of the method since the plan was made. */
  readonly call: number;
}

/** Such as `SampleStore.append call 2: reset after`. */
export const faultText = ({ port, method, call, kind, moment }: InjectedFault): string =>
  `${port}.${method} call ${call}: ${kind} ${moment}`;

/** How the technology would put it, as an error that an adapter's SDK rejects with. `deadlineMs` is the adapter's own. */
export function causeOf(kind: FaultKind, deadlineMs: number): Error {
  switch (kind) {
    case 'timeout':
      return named('TimeoutError', `no answer within ${deadlineMs} ms`);
    case 'throttle':
      return named('ThrottlingException', 'Rate exceeded');
    case 'server-error':
      return named('InternalServerError', '500 Internal Server Error');
    case 'reset':
      return named('Error', 'read ECONNRESET');
    case 'malformed-answer':
      return named('SyntaxError', 'Unexpected token < in JSON at position 0');
  }
}

/**
 * Whether an adapter may say that the same call could work later. An answer that is not of the service's language before
 * anything was done comes from something else that listens there, and will come again; after the effect it was cut off.
 */
export const isRetryable = ({ kind, moment }: Fault): boolean => kind !== 'malformed-answer' || moment === 'after';

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
