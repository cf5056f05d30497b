import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { AnalysisRecord, AnalysisStore } from '../analysis/ports.ts';
import type { Upload } from '../health-data/model.ts';
import type { UploadStore } from '../health-data/ports.ts';
import { factsOfDocument } from '../insights/document-facts.ts';
import type { Narrative } from '../insights/model.ts';
import type { Narrator } from '../insights/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { topicOfMessage } from './topic-of-message.ts';

export interface NarrateAnalysisPorts {
  readonly narrator: Narrator;
}

export interface AnswerMessagePorts extends NarrateAnalysisPorts {
  readonly uploads: UploadStore;
  readonly analyses: AnalysisStore;
}

/** What is said to somebody who has no analysis. */
export const HOW_TO_GET_AN_ANALYSIS =
  'There is no completed analysis of yours to speak about yet. Upload an Apple Health export (POST ' +
  '/api/v1/healthkit/export), send activity counts (POST /api/v1/pat/analysis) or step counts (POST ' +
  '/api/v1/pat/step-analysis), or send them here as a health_insight frame; then ask again.';

/** An answer to what a person wrote. */
export type Answer =
  | { readonly kind: 'narrative'; readonly record: AnalysisRecord; readonly narrative: Narrative }
  /** There is nothing to speak about; `HOW_TO_GET_AN_ANALYSIS` says what to do. */
  | { readonly kind: 'no-analysis' };

/** Whoever has not had one among so many uploads is told that there is none. */
const UPLOADS_LOOKED_AT = 100;

export interface AnswerMessageCommand {
  readonly owner: UserId;
  /** What they wrote; it only says which topic the answer is about, and is not kept. */
  readonly message: string;
}

/** Tells a person what their newest completed analysis says. Nothing but that person's own data goes into it. */
export function answerMessage(ports: AnswerMessagePorts) {
  return ({ owner, message }: AnswerMessageCommand): ResultAsync<Answer, PortUnavailable> =>
    ports.uploads
      .list(owner, UPLOADS_LOOKED_AT)
      .andThen((uploads) => newestAnalysis(ports.analyses, uploads.filter(mayHaveAnalysis)))
      .andThen((record) =>
        record === null
          ? okAsync<Answer>({ kind: 'no-analysis' })
          : narrateAnalysis(ports)(record, topicOfMessage(message)).map((narrative): Answer => ({
              kind: 'narrative',
              record,
              narrative,
            })),
      );
}

/** Puts one analysis into words, about everything or one topic. */
export function narrateAnalysis({ narrator }: NarrateAnalysisPorts) {
  return (record: AnalysisRecord, insightType: string): ResultAsync<Narrative, PortUnavailable> =>
    narrator.narrate({
      ...factsOfDocument(record.document),
      insightType,
      includeRecommendations: true,
    });
}

/** Single metrics are kept and listed, not analysed. */
const mayHaveAnalysis = ({ kind, status }: Upload): boolean =>
  kind !== 'health-data' && (status === 'completed' || status === 'requires_review');

function newestAnalysis(
  analyses: AnalysisStore,
  [upload, ...older]: readonly Upload[],
): ResultAsync<AnalysisRecord | null, PortUnavailable> {
  if (upload === undefined) return okAsync(null);
  return analyses
    .getForUpload(upload.owner, upload.processingId)
    .orElse((error) => (error.kind === 'not-found' ? newestAnalysis(analyses, older) : errAsync(error)));
}
