import { errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { HeadEntry } from '../pat/installed/catalogue.ts';
import { applyHead, type HeadInput } from '../pat/heads/apply-head.ts';
import { rhythmFeatures } from '../pat/heads/rhythm-features.ts';
import { prepareWeek, type PreparedWeek } from '../pat/prepare-week.ts';
import { readHead } from '../pat/installed/read-head.ts';
import type { RiskResults, RiskScore } from './document.ts';
import type { Findings } from './findings.ts';
import { encodedSignal, type Encoded, type EncodingRequest, type ModelPorts } from './model-results.ts';

const NO_HEAD = 'no trained head is installed, and a risk is never given without one';
const DEPRESSION = 'depression';

/**
 * What the installed heads say of the encoded days: of each task the head that was installed last. A head that does not
 * fit, because of its encoder, scaling, population, signal or length, gives no score and the reason.
 */
export function riskResults(ports: Pick<ModelPorts, 'models'>) {
  return (
    request: EncodingRequest,
    encoded: Encoded,
    findings: Findings,
  ): ResultAsync<RiskResults, PortUnavailable> => {
    const withoutHeads = (reason: string): RiskResults => ({
      depression: findings.without(reason, 'risk.depression'),
    });
    return ports.models
      .catalogue()
      .andThen(({ heads }) => {
        const latest = [...new Map(heads.map((head) => [head.task, head])).values()];
        if (latest.length === 0) return okAsync<RiskResults, PortUnavailable>(withoutHeads(NO_HEAD));
        const input = headInput(request, encoded);
        return ResultAsync.combine(latest.map((entry) => scored(ports, entry, input))).map((all) =>
          resultsOf(all, findings),
        );
      })
      .orElse((error) => (error.kind === 'model-unavailable' ? okAsync(withoutHeads(error.message)) : errAsync(error)));
  };
}

interface Scored {
  readonly entry: HeadEntry;
  /** The score, or why there is none. */
  readonly outcome: { readonly score: number } | { readonly reason: string };
}

function scored(
  ports: Pick<ModelPorts, 'models'>,
  entry: HeadEntry,
  input: Result<HeadInput, { readonly reason: string }>,
): ResultAsync<Scored, PortUnavailable> {
  const without = (reason: string): Scored => ({ entry, outcome: { reason } });
  return readHead(ports)(entry)
    .andThen((head) => input.andThen((days) => applyHead(head, days)))
    .map((score): Scored => ({ entry, outcome: { score } }))
    .orElse((error) => {
      if (!('kind' in error)) return okAsync(without(error.reason));
      switch (error.kind) {
        case 'port-unavailable':
          return errAsync<Scored, PortUnavailable>(error);
        case 'model-unavailable':
          return okAsync(without(error.message));
        case 'head-not-applicable':
        case 'head-unreadable':
          return okAsync(without(error.reason));
      }
    });
}

/** The days that heads are given: those that were encoded; where none were, those that would have been. */
function headInput(
  request: EncodingRequest,
  { results, week }: Encoded,
): Result<HeadInput, { readonly reason: string }> {
  const { embedding, encoding } = results;
  const known: Result<PreparedWeek, { readonly reason: string }> =
    week === null ? prepareWeek(request.grid.values, { days: request.days, population: null }) : ok(week);
  return known.map((days) => ({
    signal: encodedSignal(request.kind),
    days: days.days,
    encoderSha256: encoding?.weights_sha256 ?? null,
    scaling: embedding === null ? null : days.scaling,
    referencePopulation: embedding === null ? null : days.referencePopulation,
    embedding,
    rhythm: rhythmFeatures(Float64Array.from(days.raw)),
  }));
}

function resultsOf(all: readonly Scored[], findings: Findings): RiskResults {
  const scores = all.map(({ entry, outcome }): RiskScore => ({
    task: entry.task,
    score: 'score' in outcome ? outcome.score : null,
    card_id: entry.id,
  }));
  const reasons = all.flatMap(({ entry, outcome }) =>
    'reason' in outcome ? [`${entry.task} (${entry.id}): ${outcome.reason}`] : [],
  );
  if (reasons.length > 0) findings.without(reasons.join('; '), 'risk.scores[].score');
  if (reasons.length < all.length) findings.used('logistic_head');
  const depression = all.find(({ entry }) => entry.task === DEPRESSION);
  if (depression === undefined) {
    findings.without('no trained head for depression is installed', 'risk.depression');
  } else if ('reason' in depression.outcome) findings.without(depression.outcome.reason, 'risk.depression');
  return {
    depression: depression !== undefined && 'score' in depression.outcome ? depression.outcome.score : null,
    scores,
  };
}
