import { isRight } from 'fp-ts/lib/Either.js';
import { AnalysisDocument } from '../../contracts/analysis.ts';
import type { AnalysisDocument as Document } from '../../core/analysis/document.ts';
import type { ReadAnalysisDocument } from '../../core/archive/ports.ts';

/** An analysis document that somebody else wrote is one when the published contract says so. */
export const readAnalysisDocument: ReadAnalysisDocument = (value) => {
  // The contract takes null for what is optional, as older clients need it; whoever reads documents takes both.
  return isRight(AnalysisDocument.decode(value)) ? (value as Document) : null;
};
