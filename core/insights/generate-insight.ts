import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { wasErased, type ErasedOwnersPorts } from '../account/erased-owners.ts';
import { takeBackUpload, type TakeBackUploadPorts } from '../account/take-back-upload.ts';
import type { AnalysisStore, EventPublisher } from '../analysis/ports.ts';
import { readAnalysis } from '../analysis/read-analysis.ts';
import type { UploadStore } from '../health-data/ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { Ids, ProcessingId, UserId } from '../kernel/ids.ts';
import { factsOfDocument } from './document-facts.ts';
import type { NotAnalysed } from './errors.ts';
import { insightId, type Insight, type KnownFacts } from './model.ts';
import type { InsightStore, Narrator } from './ports.ts';
import { factsOfResults } from './result-facts.ts';
import type { JsonObject } from './sent-document.ts';

export interface GenerateInsightPorts extends TakeBackUploadPorts, ErasedOwnersPorts {
  readonly uploads: UploadStore;
  readonly analyses: AnalysisStore;
  readonly insights: InsightStore;
  readonly narrator: Narrator;
  readonly events: EventPublisher;
  readonly ids: Ids;
}

/** Where the numbers come from: a stored analysis of the caller's, or results that the caller sends along. */
export type InsightSource =
  | { readonly kind: 'upload'; readonly upload: ProcessingId }
  | { readonly kind: 'results'; readonly results: JsonObject };

export interface GenerateInsightCommand {
  readonly owner: UserId;
  readonly source: InsightSource;
  readonly insightType: string;
  readonly includeRecommendations: boolean;
  /** A BCP 47 tag. */
  readonly language: string;
  /** The caller's own words, or null. */
  readonly context: string | null;
}

/**
 * Puts the numbers of an analysis into words and keeps them. Doing it again with the same ids has the effect of doing it
 * once, and answers what was kept. Other systems are told; that they hear of it is not needed. Of an upload or a person
 * that is erased meanwhile nothing stays, and the answer is `not-found`.
 */
export function generateInsight(ports: GenerateInsightPorts) {
  return (command: GenerateInsightCommand): ResultAsync<Insight, NotFound | NotAnalysed | PortUnavailable> => {
    const { owner, source, insightType, includeRecommendations, language, context } = command;
    const upload = source.kind === 'upload' ? source.upload : null;
    return knownFacts(ports, command)
      .andThen(({ facts, notComputed }) =>
        ports.narrator.narrate({ facts, notComputed, insightType, includeRecommendations, language, context }),
      )
      .andThen((narrative) => {
        const insight: Insight = {
          ...narrative,
          owner,
          insightId: insightId(`insight_${ports.ids.uuid().replaceAll('-', '')}`),
          upload,
          insightType,
          generatedAtMs: ports.clock.now(),
        };
        return ports.insights.insert(insight).map(() => insight.insightId);
      })
      .andThen((id) => keptOrTakenBack(ports, owner, upload).andThen(() => ports.insights.get(owner, id)))
      .andThen((insight) => announce(ports, insight));
  };
}

const knownFacts = (
  ports: GenerateInsightPorts,
  { owner, source }: GenerateInsightCommand,
): ResultAsync<KnownFacts, NotFound | NotAnalysed | PortUnavailable> =>
  source.kind === 'results'
    ? okAsync(factsOfResults(source.results))
    : readAnalysis(ports)({ owner, upload: source.upload, week: null }).andThen(({ upload, analysis }) =>
        analysis === null
          ? errAsync<KnownFacts, NotAnalysed>({ kind: 'not-analysed', status: upload.status })
          : okAsync<KnownFacts, NotAnalysed>(factsOfDocument(analysis.document)),
      );

/** Nothing stays of an upload, or of a person, that was erased between the look at it and the write. */
const keptOrTakenBack = (
  ports: GenerateInsightPorts,
  owner: UserId,
  upload: ProcessingId | null,
): ResultAsync<null, NotFound | PortUnavailable> => {
  if (upload !== null) {
    return takeBackUpload(ports)({ owner, upload }).andThen((what) =>
      what === 'kept' ? okAsync(null) : errAsync(notFound('processing', upload)),
    );
  }
  return wasErased(ports)(owner).andThen((erased) =>
    erased ? ports.insights.eraseOwner(owner).andThen(() => errAsync(notFound('user', owner))) : okAsync(null),
  );
};

const announce = (ports: GenerateInsightPorts, insight: Insight): ResultAsync<Insight, never> =>
  ports.events
    .publish({
      type: 'insight.completed',
      owner: insight.owner,
      upload: insight.upload,
      id: insight.insightId,
      atMs: insight.generatedAtMs,
    })
    .map(() => insight)
    .orElse(() => okAsync(insight));
