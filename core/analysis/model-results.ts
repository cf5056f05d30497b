import { err, errAsync, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { PopulationInvalid } from '../pat/population.ts';
import {
  lengthNote,
  MISSING_MINUTE_POLICY,
  prepareWeek,
  type PreparedWeek,
  type WeekNotUsable,
} from '../pat/prepare-week.ts';
import type { ActigraphyModel, AnsweredWeek, ModelRepository, ModelUnavailable, NotEncodable } from '../pat/ports.ts';
import { readPopulation } from '../pat/installed/read-population.ts';
import type { LocalDayGrid, ModelEncoding, ModelResults, SignalKind } from './document.ts';
import type { Findings } from './findings.ts';

export interface ModelPorts {
  readonly model: ActigraphyModel;
  /** Where reference populations and heads are installed. */
  readonly models: ModelRepository;
}

/** What is to be encoded. */
export interface EncodingRequest {
  readonly kind: SignalKind;
  readonly grid: LocalDayGrid;
  /** Null for seven days, or all where there are fewer. */
  readonly days: number | null;
}

/** The document's part, and what heads are applied to; null where nothing was encoded. */
export interface Encoded {
  readonly results: ModelResults;
  readonly week: PreparedWeek | null;
}

const WITHOUT_ENCODING = ['model.scaling', 'model.embedding', 'model.encoding'] as const;
const WITHOUT_MODEL = ['model.name', 'model.engine', ...WITHOUT_ENCODING] as const;

const IMPORTANCE_METHOD =
  'attention that each patch received in the last block, summed over queries, mean over heads, scaled to sum to 1; ' +
  'it says where the model looked, not why';

/** What the pretrained encoder was given: counts, or the steps that stand in for them. */
export const encodedSignal = (kind: SignalKind): 'counts' | 'steps' => (kind === 'counts' ? 'counts' : 'steps');

/**
 * The encoder's part of the document. Whatever keeps it from answering for good is null with the reason; a port that
 * does not answer now is an error, because the same analysis may have an embedding a moment later.
 */
export function modelResults(ports: ModelPorts) {
  return (request: EncodingRequest, findings: Findings): ResultAsync<Encoded, PortUnavailable> =>
    ports.model.describe().andThen((description): ResultAsync<Encoded, PortUnavailable> => {
      const { status, name, engine, message, entry } = description;
      const without = (reason: string, fields: readonly string[]): Encoded => {
        findings.without(reason, ...fields);
        return { results: { status, name, engine, scaling: null, embedding: null, encoding: null }, week: null };
      };
      if (entry === null) return okAsync(without(message, WITHOUT_MODEL));
      return encoded(ports, request, findings).orElse((error) => {
        switch (error.kind) {
          case 'port-unavailable':
            return errAsync<Encoded, PortUnavailable>(error);
          case 'model-unavailable':
            return okAsync(without(error.message, WITHOUT_ENCODING));
          case 'week-not-usable':
          case 'population-invalid':
          case 'not-encodable':
            return okAsync(without(error.reason, WITHOUT_ENCODING));
        }
      });
    });
}

function encoded(
  ports: ModelPorts,
  request: EncodingRequest,
  findings: Findings,
): ResultAsync<Encoded, ModelUnavailable | NotEncodable | PopulationInvalid | PortUnavailable | WeekNotUsable> {
  return readPopulation(ports)(encodedSignal(request.kind))
    .andThen((population) => prepareWeek(request.grid.values, { days: request.days, population }))
    .andThen((week) =>
      ports.model
        .encode([week.values])
        .andThen(([answer]) => soundAnswer(answer))
        .map((answer): Encoded => {
          findings.used('pat_encoder');
          if (week.imputedMinutes > 0) findings.used('minute_imputation');
          return { results: resultsOf(request, week, answer), week };
        }),
    );
}

/** What an engine answered, where it is an answer: a number that is not finite would be passed on as `null` by JSON. */
function soundAnswer(answer: AnsweredWeek | undefined): Result<AnsweredWeek, NotEncodable> {
  if (answer === undefined) return err({ kind: 'not-encodable', reason: 'the engine answered without a week' });
  return answer.pooled.every(Number.isFinite) && answer.attentionReceived.every(Number.isFinite)
    ? ok(answer)
    : err({ kind: 'not-encodable', reason: 'the engine answered with numbers that are not finite' });
}

function resultsOf(request: EncodingRequest, week: PreparedWeek, answer: AnsweredWeek): ModelResults {
  const { entry, engine } = answer.by;
  const encoding: ModelEncoding = {
    model_id: entry.id,
    weights_sha256: entry.source.sha256,
    signal: encodedSignal(request.kind),
    reference_population: week.referencePopulation,
    first_day: request.grid.dates[week.firstRow] as string,
    days: week.days,
    length_note: lengthNote(week.days),
    missing_minutes: {
      imputed: week.imputedMinutes,
      most: week.mostMissingMinutes,
      policy: MISSING_MINUTE_POLICY,
    },
    importance: {
      method: IMPORTANCE_METHOD,
      patch_minutes: entry.architecture.patchMinutes,
      per_patch: Array.from(answer.attentionReceived),
    },
  };
  return {
    status: 'ready',
    name: `PAT-${entry.size}`,
    engine,
    scaling: week.scaling,
    embedding: Array.from(answer.pooled),
    encoding,
  };
}
