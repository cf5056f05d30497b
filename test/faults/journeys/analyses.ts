import * as assert from 'uvu/assert';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import type { Answers, Journey, Person, RequestJourney } from '../journey.ts';
import { explainUpload, prepareLife } from '../life.ts';
import {
  acknowledged,
  analyzeCounts,
  analyzeSteps,
  assertAnalysedOnce,
  assertOnlyUpload,
  KEY,
} from '../measurements.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

/** How long it took is no part of what was computed. */
const withoutTime = ({ text }: Answer): string => text.replace(/"processing_time_ms":[\d.]+/, '');

async function assertAnalysis(service: ServiceUnderFaults, person: Person, { last }: Answers): Promise<void> {
  await assertOnlyUpload(service, person, last);
  await assertAnalysedOnce(service, person, acknowledged(last), 0);
}

/** There is one insight more than before, and it is the one that was answered. */
const assertExplained =
  (before: number): RequestJourney['verify'] =>
  async ({ storage }, { id }, { last }) => {
    const { insights, totalCount } = valueOf(await storage.insights.list(id, { limit: 10, offset: 0 }));
    assert.is(totalCount, before + 1);
    const { insight_id: answered } = last.json['metadata'] as { readonly insight_id: string };
    assert.ok(insights.some(({ insightId }) => insightId === answered));
  };

/** Computing while the caller waits. */
export const ANALYSIS_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'analyse steps',
    route: 'analyzeSteps',
    send: analyzeSteps,
    comparable: withoutTime,
    verify: assertAnalysis,
  },
  {
    kind: 'request',
    name: 'analyse counts',
    route: 'analyzeCounts',
    strikes: ['UploadStore.insert', 'AnalysisStore.replaceForUpload'],
    send: analyzeCounts,
    comparable: withoutTime,
    verify: assertAnalysis,
  },
  {
    kind: 'request',
    name: 'have an analysis explained',
    route: 'generateInsight',
    prepare: prepareLife,
    send: explainUpload,
    comparable: withoutTime,
    verify: assertExplained(1),
  },
  {
    kind: 'request',
    name: 'have results explained that I send along',
    route: 'generateInsight',
    strikes: ['InsightStore.insert', 'InsightStore.get', 'ErasedOwners.isRemembered'],
    send: ({ call }, { token }) =>
      call('POST', '/api/v1/insights', { token, key: KEY, json: { analysis_results: { sleep_efficiency: 82 } } }),
    comparable: withoutTime,
    verify: assertExplained(0),
  },
];
