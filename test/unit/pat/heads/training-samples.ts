import { RHYTHM_FEATURES } from '../../../../core/pat/heads/rhythm-features.ts';
import type { Head } from '../../../../core/pat/heads/head.ts';
import { trainHead, type HeadTraining } from '../../../../core/pat/heads/train-head.ts';
import type { TrainingSample } from '../../../../core/pat/heads/training-set.ts';
import { randomStream } from '../../../../core/simulation/random.ts';
import { valueOf } from '../../result-values.ts';

/** People to simulate: each has features of their own, to which every week adds something. */
export interface People {
  readonly seed: number;
  readonly people: number;
  readonly weeks: number;
  readonly columns: number;
  /** What label 1 adds to the first feature, in standard deviations of people; 0 for labels that mean nothing. */
  readonly effect: number;
}

/** Simulated samples; about every third person is positive. */
export function simulatedSamples({ seed, people, weeks, columns, effect }: People): TrainingSample[] {
  const random = randomStream(seed, 'training-samples');
  return Array.from({ length: people }, (_, p) => {
    const label = random.chance(1 / 3) ? 1 : 0;
    const own = Float64Array.from({ length: columns }, () => random.normal(0, 1));
    own[0]! += effect * label;
    return Array.from({ length: weeks }, (): TrainingSample => {
      const features = own.map((value) => 10 + 3 * (value + random.normal(0, 0.3)));
      return { person: `person ${String(p)}`, label, features };
    });
  }).flat();
}

export const SHA = { weeks: 'a'.repeat(64), labels: 'b'.repeat(64), encoder: 'c'.repeat(64) } as const;

/** A training of a head on the first `columns` rhythm features. */
export function rhythmTraining(columns: number, changes: Partial<HeadTraining> = {}): HeadTraining {
  return {
    task: 'depression',
    features: { embedding: false, rhythm: RHYTHM_FEATURES.slice(0, columns) },
    requires: { signal: 'counts', days: 7, encoder: null, scaling: null, reference_population: null },
    seed: 7,
    card: {
      title: 'Depression from rhythm',
      data_description: 'Simulated people.',
      intended_use: 'Tests.',
      licence: 'Apache-2.0',
      label: 'planted',
      trained_at: '2025-01-06T12:00:00Z',
      weeks_sha256: SHA.weeks,
      labels_sha256: SHA.labels,
      clarity_version: '0.1.0',
    },
    weeksSetAside: [],
    lambdas: [0.01, 0.1, 1],
    resamples: 200,
    ...changes,
  };
}

/** What a head on an embedding requires in these tests. */
export const WITH_ENCODER: HeadTraining['requires'] = {
  signal: 'counts',
  days: 7,
  encoder: { source_sha256: SHA.encoder, size: 'S' },
  scaling: 'population',
  reference_population: 'wrist-2013',
};

/** A small head on four rhythm features. */
export const rhythmHead = (changes: Partial<HeadTraining> = {}): Head =>
  valueOf(
    trainHead(
      simulatedSamples({ seed: 1, people: 30, weeks: 2, columns: 4, effect: 2 }),
      rhythmTraining(4, { folds: 3, lambdas: [0.1], resamples: 100, ...changes }),
    ),
  );

/** A small head on an embedding and two rhythm features. */
export const embeddingHead = (changes: Partial<HeadTraining> = {}): Head =>
  valueOf(
    trainHead(
      simulatedSamples({ seed: 2, people: 30, weeks: 1, columns: 98, effect: 2 }),
      rhythmTraining(0, {
        features: { embedding: true, rhythm: ['relative_amplitude', 'cosinor_mesor'] },
        requires: WITH_ENCODER,
        folds: 3,
        lambdas: [0.1],
        resamples: 100,
        ...changes,
      }),
    ),
  );
