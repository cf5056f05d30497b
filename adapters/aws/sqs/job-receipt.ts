import { randomUUID } from 'node:crypto';
import type { BodyPointer } from './large-bodies.ts';

/** What settling a job takes besides its item. */
export interface JobReceipt {
  /** The receipt handle of the job's message. */
  readonly handle: string;
  /** Of the message's body, where it is too large for SQS. */
  readonly pointer: BodyPointer | null;
}

/** A receipt that is new each time, and tells any process which message it is of. */
export const makeReceipt = (handle: string, pointer: BodyPointer | null): string =>
  JSON.stringify({ token: randomUUID(), handle, pointer });

/** Null for what is no receipt of this queue. The job's item says whether it is the right one. */
export function readReceipt(receipt: string): JobReceipt | null {
  try {
    const { handle, pointer } = JSON.parse(receipt) as Partial<JobReceipt>;
    return typeof handle === 'string' ? { handle, pointer: pointer ?? null } : null;
  } catch {
    return null;
  }
}
