import { ok } from 'neverthrow';

export const value = ok(1)._unsafeUnwrap(); // planted
