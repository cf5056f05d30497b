import type { EncodedWeek, LoadedEncoder } from '../ports.ts';

/** The tasks that an engine's worker thread can be given. */
export interface EncoderThread {
  /** Loads what is not loaded yet, and tells the engine's name and version. */
  readonly describeEngine: () => Promise<string>;
  readonly encodeWeek: (week: Float32Array) => Promise<EncodedWeek>;
}

/** A thread's tasks on an encoder that is loaded with the first of them and stays. */
export function encoderThread(load: () => Promise<LoadedEncoder>): EncoderThread {
  let loading: Promise<LoadedEncoder> | null = null;
  const loaded = (): Promise<LoadedEncoder> => (loading ??= load());
  return {
    describeEngine: async () => (await loaded()).engine,
    encodeWeek: async (week) => (await loaded()).encode(week),
  };
}
