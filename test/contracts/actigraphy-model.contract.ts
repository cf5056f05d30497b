import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WIDTH, type PatSize } from '../../core/pat/encoder/architecture.ts';
import { goldenInput } from '../../core/pat/encoder/golden.ts';
import { MINUTES_PER_WEEK, MOST_MINUTES, type ActigraphyModel, type EncodedWeek } from '../../core/pat/ports.ts';
import { encodeByDefinition } from '../../core/pat/encoder/reference-encoder.ts';
import type { PatWeights } from '../../core/pat/encoder/weights.ts';
import { seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** An encoder with these weights, or without any; `close` ends what it started. */
export interface ModelUnderTest {
  readonly model: ActigraphyModel;
  readonly close: () => Promise<void>;
}

export interface ModelContractOptions {
  readonly make: (weights: PatWeights | null) => Promise<ModelUnderTest>;
  /** The fixture cases that are compared; an engine that is slow compares few. */
  readonly cases: readonly (readonly [size: PatSize, name: CaseName])[];
}

type CaseName = 'week' | 'zeros' | 'first_3_days';

export const ALL_CASES = (['S', 'M'] as const).flatMap((size) =>
  (['week', 'zeros', 'first_3_days'] as const).map((name) => [size, name] as const),
);

/** How far float32 may lie from the float64 fixtures. */
const TOKEN_TOLERANCE = 2e-4;
const POOLED_TOLERANCE = 2e-5;

interface ExpectedCase {
  readonly pooled: readonly number[];
  readonly token_rows: Readonly<Record<string, readonly number[]>>;
  readonly last_layer_token_importance: readonly number[];
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/pat/${name}`, import.meta.url), 'utf8'));

const WEEK = Float32Array.from(fixture('week_input.json') as number[]);

const INPUTS: Readonly<Record<CaseName, Float32Array>> = {
  week: WEEK,
  zeros: new Float32Array(MINUTES_PER_WEEK),
  first_3_days: WEEK.slice(0, 3 * 1440),
};

const expectedOf = (size: PatSize, name: CaseName): ExpectedCase =>
  (fixture(`PAT-${size}_expected.json`) as { readonly cases: Readonly<Record<CaseName, ExpectedCase>> }).cases[name];

const farthest = (expected: ArrayLike<number>, actual: ArrayLike<number>): number => {
  assert.is(actual.length, expected.length);
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
};

function assertClose(expected: ExpectedCase, { pooled, tokens, attentionReceived }: EncodedWeek): void {
  assert.ok(farthest(expected.pooled, pooled) < POOLED_TOLERANCE, 'the pooled vector');
  for (const [row, values] of Object.entries(expected.token_rows)) {
    const at = Number(row) * WIDTH;
    assert.ok(farthest(values, tokens.subarray(at, at + WIDTH)) < TOKEN_TOLERANCE, `token ${row}`);
  }
  assert.ok(farthest(expected.last_layer_token_importance, attentionReceived) < 1e-6, 'the attention received');
}

/** A wave of one day's length. */
const days = (count: number, phase = 0): Float32Array =>
  Float32Array.from({ length: count * 1440 }, (_, minute) => Math.sin((2 * Math.PI * (minute + phase)) / 1440));

/** Weights that leave a block's last normalisation next to nothing to normalise: there the epsilon shows. */
function weightsWithTinyVariance(): PatWeights {
  const weights = seededWeights('S');
  for (const block of weights.blocks) {
    block.norm1.gamma.forEach((value, i) => (block.norm1.gamma[i] = value * 1e-3));
    block.norm1.beta.fill(0);
    block.feedForward2.kernel.fill(0);
    block.feedForward2.bias.fill(0);
  }
  return weights;
}

/** What every `ActigraphyModel` does, with weights or without. */
export function actigraphyModelContract(name: string, { make, cases }: ModelContractOptions): void {
  const contract = suite(`ActigraphyModel: ${name}`);

  const using = async (weights: PatWeights | null, use: (model: ActigraphyModel) => Promise<void>): Promise<void> => {
    const { model, close } = await make(weights);
    try {
      await use(model);
    } finally {
      await close();
    }
  };

  contract('without weights it says so in a sentence, and answers with no numbers', () =>
    using(null, async (model) => {
      const { status, name: called, engine, message, entry } = valueOf(await model.describe());
      assert.equal([status, called, engine, entry], ['weights_not_installed', null, null, null]);
      assert.ok(message.length > 10);
      const refused = errorOf(await model.encode([days(7)]));
      assert.is(refused.kind, 'model-unavailable');
    }),
  );

  for (const size of [...new Set(cases.map(([of]) => of))]) {
    const named = cases.filter(([of]) => of === size).map(([, of]) => of);
    contract(`PAT-${size} answers the fixtures ${named.join(', ')} as the float64 reference does`, () =>
      using(seededWeights(size), async (model) => {
        assert.is(valueOf(await model.describe()).name, `PAT-${size}`);
        for (const of of named) {
          const [encoded] = valueOf(await model.encode([INPUTS[of]]));
          assertClose(expectedOf(size, of), encoded!);
        }
      }),
    );
  }

  contract('PAT-L, which has no fixture, comes to what the definition says', () =>
    using(seededWeights('L'), async (model) => {
      // What the reference encoder made of this input when the weights were installed.
      const { golden } = valueOf(await model.describe()).entry!;
      const [encoded] = valueOf(await model.encode([goldenInput()]));
      assert.ok(farthest(golden.pooled, encoded!.pooled) < POOLED_TOLERANCE);
    }),
  );

  contract('layer normalisation has the epsilon of the authors, not that of a framework', () => {
    const weights = weightsWithTinyVariance();
    return using(weights, async (model) => {
      const [encoded] = valueOf(await model.encode([days(1)]));
      assert.ok(farthest(encodeByDefinition(weights, days(1)).pooled, encoded!.pooled) < TOKEN_TOLERANCE);
    });
  });

  contract('the same input gives the same bytes, alone or in a batch, in the order of the inputs', () =>
    using(seededWeights('S'), async (model) => {
      const inputs = [days(2), days(1), days(2, 360)];
      const batch = valueOf(await model.encode(inputs));
      for (const [i, input] of inputs.entries()) {
        const [alone] = valueOf(await model.encode([input]));
        assert.equal(alone, batch[i]);
        assert.is(alone!.tokens.length, (input.length / 18) * WIDTH);
        const total = alone!.attentionReceived.reduce((sum, share) => sum + share, 0);
        assert.ok(Math.abs(total - 1) < 1e-4, `attention sums to ${String(total)}`);
      }
      assert.not.equal(batch[0]!.pooled, batch[2]!.pooled);
      assert.equal(valueOf(await model.encode([])), []);
    }),
  );

  contract('what the encoder cannot take is refused with the number that is wrong', () =>
    using(seededWeights('S'), async (model) => {
      const withGap = days(7);
      withGap[77] = Number.NaN;
      for (const [input, reason] of [
        [new Float32Array(MOST_MINUTES + 1), '20161 minutes'],
        [new Float32Array(0), '0 minutes'],
        [new Float32Array(1441), 'no whole number of patches'],
        [withGap, 'minute 77'],
      ] as const) {
        const refused = errorOf(await model.encode([input]));
        assert.is(refused.kind, 'not-encodable');
        assert.match('reason' in refused ? refused.reason : '', reason);
      }
    }),
  );

  contract.run();
}
