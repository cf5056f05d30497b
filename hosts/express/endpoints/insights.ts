import { errAsync } from 'neverthrow';
import {
  generateInsight,
  type GenerateInsightPorts,
  type InsightSource,
} from '../../../core/insights/generate-insight.ts';
import { listInsights } from '../../../core/insights/list-insights.ts';
import { insightId, type Insight, type InsightPage } from '../../../core/insights/model.ts';
import { readInsight } from '../../../core/insights/read-insight.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import { processingId, userId, type Ids } from '../../../core/kernel/ids.ts';
import type { Health } from '../health.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface InsightEndpointDeps extends GenerateInsightPorts {
  readonly health: Pick<Health, 'of'>;
  readonly version: string;
  /** A monotonic clock in milliseconds, for the processing time that is reported. */
  readonly elapsedMs: () => number;
}

type InsightEndpoints = Pick<Endpoints, 'generateInsight' | 'insightStatus' | 'insightHistory' | 'readInsight'>;

const SERVICE = 'clarity-insights';
/** The narrator that is wired. */
const GENERATOR = 'rules';
const CAPABILITIES = ['sleep_insights', 'circadian_insights', 'activity_insights'];

export const DEFAULT_LIMIT = 10;
const MOST_LISTED_CHARACTERS = 200;

export function insightEndpoints(deps: InsightEndpointDeps): InsightEndpoints {
  const metadata = insightMetadata(deps.version);
  return {
    generateInsight: (request) => {
      const startedMs = deps.elapsedMs();
      const { body, principal, ids, clock } = request;
      const source = sourceOf(body.analysis_results ?? null, body.processing_id ?? null);
      if ('issues' in source) return errAsync(source);
      return generateInsight({ ...deps, ids, clock })({
        owner: principal.userId,
        source,
        insightType: body.insight_type ?? 'comprehensive',
        includeRecommendations: body.include_recommendations ?? true,
        language: body.language ?? 'en',
        context: body.context ?? null,
      }).map((insight) => ({
        status: 200,
        body: {
          success: true,
          data: wireInsight(insight),
          metadata: {
            ...metadata(request),
            processing_time_ms: Math.round(deps.elapsedMs() - startedMs),
            insight_id: insight.insightId,
          },
        },
      }));
    },
    insightStatus: (request) =>
      deps.health.of(['database']).map((status) => ({
        status: 200,
        body: {
          success: true,
          data: {
            service: SERVICE,
            status,
            generator: GENERATOR,
            model: { model_name: GENERATOR, project_id: null, initialized: true, capabilities: CAPABILITIES },
            timestamp: isoUtc(request.clock.now()),
          },
          metadata: metadata(request),
        },
      })),
    insightHistory: (request) => {
      const { params, query, principal } = request;
      const range = { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 };
      return listInsights(deps)({ caller: principal.userId, owner: userId(params.user_id), range }).map((page) => ({
        status: 200,
        body: { success: true, data: wirePage(page, range), metadata: metadata(request) },
      }));
    },
    readInsight: (request) =>
      readInsight(deps)({ owner: request.principal.userId, insight: insightId(request.params.insight_id) }).map(
        (insight) => ({
          status: 200,
          body: {
            success: true,
            data: wireInsight(insight),
            metadata: { ...metadata(request), insight_id: insight.insightId },
          },
        }),
      ),
  };
}

/** What goes with every answer about insights. */
export const insightMetadata =
  (version: string) =>
  ({ ids, clock }: { readonly ids: Ids; readonly clock: Clock }) => ({
    request_id: `req_insights_${ids.uuid().slice(0, 8)}`,
    timestamp: isoUtc(clock.now()),
    service: SERVICE,
    version,
    generator: GENERATOR,
  });

function sourceOf(
  results: Readonly<Record<string, unknown>> | null,
  processing: string | null,
): InsightSource | InputRejected {
  if (results !== null && processing !== null) {
    const message = 'send either analysis_results or processing_id, not both';
    return inputRejected({ pointer: '/processing_id', message, code: 'conflict' });
  }
  if (results !== null) return { kind: 'results', results };
  if (processing !== null) return { kind: 'upload', upload: processingId(processing) };
  const message = 'is required unless processing_id is sent: expected a JSON object';
  return inputRejected({ pointer: '/analysis_results', message, code: 'missing' });
}

const wireInsight = (insight: Insight) => ({
  user_id: insight.owner,
  narrative: insight.narrative,
  key_insights: [...insight.keyInsights],
  recommendations: [...insight.recommendations],
  confidence_score: insight.confidenceScore,
  generated_at: isoUtc(insight.generatedAtMs),
  insight_id: insight.insightId,
  insight_type: insight.insightType,
  processing_id: insight.upload,
  generator: insight.generator,
  facts: insight.factsUsed.map(({ name, value, unit, origin, isProxy }) => ({
    name,
    value,
    unit,
    origin,
    proxy: isProxy,
  })),
  not_computed: [...insight.notComputed],
});

/** A page of somebody's insights. */
export const wirePage = (
  { insights, totalCount, hasMore }: InsightPage,
  { limit, offset }: { readonly limit: number; readonly offset: number },
) => ({
  insights: insights.map((insight) => ({
    id: insight.insightId,
    narrative: shortened(insight.narrative),
    generated_at: isoUtc(insight.generatedAtMs),
    insight_type: insight.insightType,
    confidence_score: insight.confidenceScore,
    processing_id: insight.upload,
    key_insights_count: insight.keyInsights.length,
    recommendations_count: insight.recommendations.length,
  })),
  total_count: totalCount,
  has_more: hasMore,
  pagination: {
    limit,
    offset,
    current_page: Math.floor(offset / limit) + 1,
    total_pages: Math.ceil(totalCount / limit),
  },
});

const shortened = (narrative: string): string =>
  narrative.length <= MOST_LISTED_CHARACTERS ? narrative : `${narrative.slice(0, MOST_LISTED_CHARACTERS)}...`;
