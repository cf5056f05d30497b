import { AsyncLocalStorage } from 'node:async_hooks';

/** What the work on one job went into so far. */
export interface StageTimes {
  readMs: number;
  storeMs: number;
  encodeMs: number;
}

const storage = new AsyncLocalStorage<StageTimes>();

/** Does the work with its time told apart: what `spendOn` is told within it, now or later, is added to its times. */
export const withStageTimes = <T>(work: (times: StageTimes) => T): T => {
  const times: StageTimes = { readMs: 0, storeMs: 0, encodeMs: 0 };
  return storage.run(times, () => work(times));
};

/** The times of the job that is worked on here; null where none is. */
export const stageTimes = (): StageTimes | null => storage.getStore() ?? null;

/** What writes the results of reading and analysing. These come one after the other, so that their times can be added. */
export const STORING: ReadonlySet<string> = new Set([
  'SampleStore.append',
  'UploadStore.change',
  'AnalysisStore.replaceForUpload',
]);
