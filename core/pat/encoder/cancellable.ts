import type { ActigraphyModel, CancelSignal } from '../ports.ts';

/** The same encoder for one caller, whose interest ends with the signal: what waits for it is then not begun. */
export const cancellable = (model: ActigraphyModel, cancel: CancelSignal): ActigraphyModel => ({
  describe: () => model.describe(),
  encode: (weeks) => model.encode(weeks, cancel),
});
