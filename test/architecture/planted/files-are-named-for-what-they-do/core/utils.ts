import { ok, type Result } from 'neverthrow'; // planted

export const nothing = (): Result<null, never> => ok(null);
