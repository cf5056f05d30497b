import * as t from 'io-ts';
import { object } from './codec.ts';
import { list, oneOf } from './scalars.ts';
import { NotComputedList } from './not-computed.ts';

const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null]);
const many = { min: 0, max: 1_000_000 };

const ModelEncoding = object('ModelEncoding', {
  model_id: t.string,
  weights_sha256: t.string,
  signal: oneOf('counts', 'steps'),
  reference_population: nullable(t.string),
  first_day: t.string,
  days: t.number,
  length_note: nullable(t.string),
  missing_minutes: object('MissingMinutes', { imputed: t.number, most: t.number, policy: t.string }),
  importance: object('ModelImportance', {
    method: t.string,
    patch_minutes: t.number,
    per_patch: list(t.number, many),
  }),
});

const RiskScore = object('RiskScore', { task: t.string, score: nullable(t.number), card_id: t.string });

/** `clarity.analysis/1`, the result document. `null` means "not computable from these data"; see `not_computed`. */
export const AnalysisDocument = object('AnalysisDocument', {
  schema: t.literal('clarity.analysis/1'),
  window: object('AnalysisWindow', { start: t.string, end: t.string, timezone: t.string, minutes: t.number }),
  input: object('AnalysisInput', {
    kind: oneOf('counts', 'steps', 'healthkit'),
    sha256: t.string,
    sources: list(
      object('SourceUse', {
        name: t.string,
        device: oneOf('watch', 'phone', 'other', 'file'),
        signal: t.string,
        samples: t.number,
        used: t.number,
        set_aside: t.number,
        reason: nullable(t.string),
      }),
      many,
    ),
    notices: list(
      object('InputNotice', { code: t.string, message: t.string, count: t.number, first_at: nullable(t.string) }),
      many,
    ),
  }),
  data_quality: object('DataQuality', {
    valid_minutes: t.number,
    valid_days: t.number,
    wear_fraction: t.number,
    gaps: list(object('Gap', { start: t.string, end: t.string, minutes: t.number }), many),
    wear_rule: t.string,
  }),
  rhythm: object('Rhythm', {
    interdaily_stability: nullable(t.number),
    intradaily_variability: nullable(t.number),
    relative_amplitude: nullable(t.number),
    l5: object('RestPeriod', { mean: nullable(t.number), onset_minute: nullable(t.number) }),
    m10: object('ActivePeriod', { mean: nullable(t.number), onset_minute: nullable(t.number) }),
    cosinor: object('Cosinor', {
      mesor: nullable(t.number),
      amplitude: nullable(t.number),
      acrophase_minute: nullable(t.number),
      r_squared: nullable(t.number),
    }),
  }),
  sleep: object('Sleep', {
    method: nullable(t.string),
    scored_sleep_minutes: nullable(t.number),
    rescored_sleep_minutes: nullable(t.number),
    regularity_index: nullable(t.number),
    nights: nullable(
      list(
        object('Night', {
          date: t.string,
          in_bed_start: nullable(t.string),
          in_bed_end: nullable(t.string),
          time_in_bed_minutes: nullable(t.number),
          asleep_minutes: nullable(t.number),
          efficiency_percent: nullable(t.number),
          onset_latency_minutes: nullable(t.number),
          waso_minutes: nullable(t.number),
          stages: nullable(
            object('StageMinutes', {
              awake: t.number,
              core: t.number,
              deep: t.number,
              rem: t.number,
              unspecified: t.number,
            }),
          ),
          source: t.string,
        }),
        many,
      ),
    ),
  }),
  activity: object('Activity', {
    unit: t.string,
    daily: list(object('DailyActivity', { date: t.string, total: nullable(t.number), valid_minutes: t.number }), many),
    hourly_profile: list(nullable(t.number), { min: 24, max: 24 }),
  }),
  model: object(
    'ModelResult',
    {
      status: t.string,
      name: nullable(t.string),
      engine: nullable(t.string),
      scaling: nullable(t.string),
      embedding: nullable(list(t.number, { min: 96, max: 96 })),
    },
    { encoding: ModelEncoding },
  ),
  risk: object('Risk', { depression: nullable(t.number) }, { scores: list(RiskScore, { min: 0, max: 100 }) }),
  algorithms: t.record(t.string, object('Algorithm', { name: t.string, version: t.string, reference: t.string })),
  not_computed: NotComputedList,
});
export type AnalysisDocument = t.TypeOf<typeof AnalysisDocument>;
