import type { Result } from 'neverthrow';
import {
  insightId,
  type FactOrigin,
  type Insight,
  type InsightFact,
  type NarrativeGenerator,
} from '../insights/model.ts';
import { processingId, type UserId } from '../kernel/ids.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields, readInstant } from './instants.ts';

/** A new generator or origin does not compile until it is named here. */
const GENERATORS = Object.keys({ rules: true } satisfies Record<NarrativeGenerator, true>) as NarrativeGenerator[];

const ORIGIN_SET = { analysis: true, device: true, client: true } satisfies Record<FactOrigin, true>;
const ORIGINS = Object.keys(ORIGIN_SET) as FactOrigin[];

const MOST_ITEMS = 10_000;
const LONGEST_NARRATIVE = 1_000_000;

/** An insight as a line of `insights.ndjson`. */
export const insightLine = (insight: Insight): object => ({
  insight_id: insight.insightId,
  processing_id: insight.upload,
  insight_type: insight.insightType,
  ...instantFields('generated_at', insight.generatedAtMs),
  generator: insight.generator,
  narrative: insight.narrative,
  key_insights: insight.keyInsights,
  recommendations: insight.recommendations,
  confidence_score: insight.confidenceScore,
  facts_used: insight.factsUsed.map(({ isProxy, ...fact }) => ({ ...fact, is_proxy: isProxy })),
  not_computed: insight.notComputed,
});

/** The insight of a line as the owner's, or what is wrong with it. */
export function insightOfLine(value: unknown, owner: UserId): Result<Insight, string> {
  const fields = new FieldReader(value);
  const insight: Insight = {
    owner,
    insightId: insightId(fields.id('insight_id')),
    upload: fields.value('processing_id') == null ? null : processingId(fields.id('processing_id')),
    insightType: fields.text('insight_type', { least: 0 }),
    generatedAtMs: readInstant(fields, 'generated_at'),
    generator: fields.oneOf('generator', GENERATORS),
    narrative: fields.text('narrative', { least: 0, most: LONGEST_NARRATIVE }),
    keyInsights: fields.texts('key_insights', MOST_ITEMS),
    recommendations: fields.texts('recommendations', MOST_ITEMS),
    confidenceScore: fields.numberOrNull('confidence_score'),
    factsUsed: fields.list('facts_used', MOST_ITEMS, (fact): InsightFact => ({
      name: fact.text('name', { least: 0 }),
      value: fact.number('value'),
      unit: fact.text('unit', { least: 0 }),
      origin: fact.oneOf('origin', ORIGINS),
      isProxy: fact.boolean('is_proxy'),
    })),
    notComputed: fields.list('not_computed', MOST_ITEMS, (part) => ({
      field: part.text('field', { least: 0 }),
      reason: part.text('reason', { least: 0, most: 10_000 }),
    })),
  };
  return fields.result(insight);
}
