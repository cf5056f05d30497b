import { FACT_KINDS, type FactName } from '../../../core/insights/fact-catalogue.ts';
import type { InsightFact } from '../../../core/insights/model.ts';

/** Facts of these values, from an analysis of activity counts unless it is said. */
export const factsFrom = (
  values: Readonly<Partial<Record<FactName, number>>>,
  changes: Partial<InsightFact> = {},
): readonly InsightFact[] =>
  (Object.entries(values) as [FactName, number][]).map(([name, value]) => ({
    name,
    value,
    unit: FACT_KINDS[name].unit,
    origin: 'analysis',
    isProxy: false,
    ...changes,
  }));
