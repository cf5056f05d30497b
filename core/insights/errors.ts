import type { ProcessingStatus } from '../health-data/model.ts';

/** The upload is there, and no analysis of it: it is not finished, failed, or held nothing to analyse. */
export interface NotAnalysed {
  readonly kind: 'not-analysed';
  readonly status: ProcessingStatus;
}
