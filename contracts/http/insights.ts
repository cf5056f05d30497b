import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { jsonObject, list, oneOf, queryInteger, text } from '../scalars.ts';
import { NotComputedList } from '../not-computed.ts';

const few = { min: 0, max: 1000 };

/** Exactly one of `analysis_results` and `processing_id` is needed; which one is missing or too many is told by pointer. */
export const InsightRequest = object(
  'InsightRequest',
  {},
  {
    analysis_results: jsonObject,
    processing_id: text(1, 200),
    context: text(0, 10_000),
    insight_type: text(1, 100),
    include_recommendations: t.boolean,
    language: text(2, 35),
  },
);

/** A number that the texts are made of. */
const InsightFact = object('InsightFact', {
  name: t.string,
  value: t.number,
  /** `1` for a number without a unit. */
  unit: t.string,
  /** Computed here from movement, recorded by a device, or sent along by the caller and not checked. */
  origin: oneOf('analysis', 'device', 'client'),
  /** From steps, which stand in for activity counts. */
  proxy: t.boolean,
});

export const InsightData = object(
  'InsightData',
  {
    user_id: t.string,
    narrative: t.string,
    key_insights: list(t.string, few),
    recommendations: list(t.string, few),
    generated_at: t.string,
    insight_id: t.string,
    insight_type: t.string,
    generator: t.string,
    facts: list(InsightFact, few),
    not_computed: NotComputedList,
  },
  {
    /** Share of what was to be told that could be told, 0 to 1; null where that is nothing. */
    confidence_score: t.number,
    /** The upload whose analysis it is about; null for results that were sent along. */
    processing_id: t.string,
  },
);

const InsightSummary = object(
  'InsightSummary',
  {
    id: t.string,
    /** The first 200 characters. */
    narrative: t.string,
    generated_at: t.string,
    insight_type: t.string,
    key_insights_count: t.number,
    recommendations_count: t.number,
  },
  { confidence_score: t.number, processing_id: t.string },
);

export const InsightHistory = object('InsightHistory', {
  insights: list(InsightSummary, few),
  total_count: t.number,
  has_more: t.boolean,
  pagination: object('InsightPagination', {
    limit: t.number,
    offset: t.number,
    current_page: t.number,
    total_pages: t.number,
  }),
});

export const InsightHistoryQuery = object(
  'InsightHistoryQuery',
  {},
  { limit: queryInteger(1, 100), offset: queryInteger(0, 1_000_000) },
);

const InsightServiceStatus = object('InsightServiceStatus', {
  service: t.string,
  status: oneOf('healthy', 'unhealthy'),
  generator: t.string,
  model: object(
    'InsightModel',
    { model_name: t.string, initialized: t.boolean, capabilities: list(t.string, few) },
    /** Of a provider's cloud; null where nothing leaves this installation. */
    { project_id: t.string },
  ),
  timestamp: t.string,
});

const metadata = object(
  'InsightMetadata',
  { request_id: t.string, timestamp: t.string, service: t.string, version: t.string, generator: t.string },
  { processing_time_ms: t.number, insight_id: t.string },
);

const insightEnvelope = <C extends t.Mixed>(name: string, data: C) =>
  object(name, { success: t.literal(true), data, metadata });

/** A page of a person's insights, as they and those whom they let read see it. */
export const InsightHistoryReply = insightEnvelope('InsightHistoryReply', InsightHistory);

const USER = '11111111-1111-4111-8111-111111111111';
const INSIGHT = 'insight_0123456789abcdef0123456789abcdef';
const NARRATIVE =
  'You were asleep for 82 % of the time in bed; 85 % or more is seen as a sign of good sleep. The numbers are the ones ' +
  'that were sent along; they were not checked against a recording. This describes data and is not medical advice.';

const exampleMetadata = {
  request_id: 'req_insights_0123abcd',
  timestamp: '2025-03-03T12:00:00.000+00:00',
  service: 'clarity-insights',
  version: '1.0.0',
  generator: 'rules',
};
const exampleInsight = {
  success: true,
  data: {
    user_id: USER,
    narrative: NARRATIVE,
    key_insights: ['Sleep efficiency 82 %, below 85 %.'],
    recommendations: ['Keep your bedroom dark, quiet and cool, and go to bed when you feel sleepy.'],
    confidence_score: 0.2,
    generated_at: '2025-03-03T12:00:00.000+00:00',
    insight_id: INSIGHT,
    insight_type: 'sleep',
    processing_id: null,
    generator: 'rules',
    facts: [{ name: 'sleep_efficiency', value: 82.4, unit: '%', origin: 'client', proxy: false }],
    not_computed: [],
  },
  metadata: { ...exampleMetadata, insight_id: INSIGHT },
};

export const insightRoutes = routes({
  generateInsight: {
    method: 'POST',
    path: '/api/v1/insights',
    audit: { action: 'create', dataTypes: ['insights'] },
    slashTwin: true,
    auth: 'write-own-data',
    idempotency: 'key',
    tag: 'Insights',
    feature: 'insights',
    summary:
      'Put the numbers of an analysis into plain words: of a stored one by processing_id, or of analysis_results',
    body: {
      kind: 'json',
      codec: InsightRequest,
      example: { analysis_results: { sleep_efficiency: 82.4 }, insight_type: 'sleep' },
    },
    responses: {
      200: {
        kind: 'json',
        codec: insightEnvelope('InsightReply', InsightData),
        description: 'Written and kept. What could not be told is in not_computed.',
        example: exampleInsight,
      },
    },
    problems: ['resource-not-found', 'analysis-not-ready', 'validation-error', 'malformed-json', 'payload-too-large'],
  },
  insightStatus: {
    method: 'GET',
    path: '/api/v1/insights/status',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Insights',
    feature: 'insights',
    summary: 'Who writes insights here, and whether that works',
    responses: {
      200: {
        kind: 'json',
        codec: insightEnvelope('InsightStatusReply', InsightServiceStatus),
        description: 'Read just now.',
        example: {
          success: true,
          data: {
            service: 'clarity-insights',
            status: 'healthy',
            generator: 'rules',
            model: {
              model_name: 'rules',
              project_id: null,
              initialized: true,
              capabilities: ['sleep_insights', 'circadian_insights', 'activity_insights'],
            },
            timestamp: exampleMetadata.timestamp,
          },
          metadata: exampleMetadata,
        },
      },
    },
    problems: [],
  },
  insightHistory: {
    method: 'GET',
    path: '/api/v1/insights/history/{user_id}',
    audit: { action: 'read', dataTypes: ['insights'], subject: 'user_id' },
    auth: 'read-own-data',
    tag: 'Insights',
    feature: 'insights',
    summary: "The caller's own insights, newest first",
    params: object('InsightHistoryParams', { user_id: text(1, 200) }),
    query: InsightHistoryQuery,
    responses: {
      200: {
        kind: 'json',
        codec: InsightHistoryReply,
        description: 'A page; total_count is of all of them.',
        example: {
          success: true,
          data: {
            insights: [
              {
                id: INSIGHT,
                narrative: `${NARRATIVE.slice(0, 200)}...`,
                generated_at: '2025-03-03T12:00:00.000+00:00',
                insight_type: 'sleep',
                confidence_score: 0.2,
                processing_id: null,
                key_insights_count: 1,
                recommendations_count: 1,
              },
            ],
            total_count: 1,
            has_more: false,
            pagination: { limit: 10, offset: 0, current_page: 1, total_pages: 1 },
          },
          metadata: exampleMetadata,
        },
      },
    },
    problems: ['resource-not-found', 'validation-error'],
  },
  readInsight: {
    method: 'GET',
    path: '/api/v1/insights/{insight_id}',
    audit: { action: 'read', dataTypes: ['insights'] },
    auth: 'read-own-data',
    tag: 'Insights',
    feature: 'insights',
    summary: 'One insight',
    params: object('InsightParams', { insight_id: text(1, 200) }),
    responses: {
      200: {
        kind: 'json',
        codec: insightEnvelope('StoredInsightReply', InsightData),
        description: 'As it was written.',
        example: exampleInsight,
      },
    },
    problems: ['resource-not-found'],
  },
});
