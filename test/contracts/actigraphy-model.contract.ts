import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MINUTES_PER_WEEK, type ActigraphyModel } from '../../core/pat/ports.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

const EMBEDDING_SIZE = 96;

/** A standardised week: a wave of one day's length. */
const week = (phase: number): Float32Array =>
  Float32Array.from({ length: MINUTES_PER_WEEK }, (_, minute) => Math.sin((2 * Math.PI * (minute + phase)) / 1440));

/** What every `ActigraphyModel` does, with weights or without. */
export function actigraphyModelContract(name: string, make: () => Promise<ActigraphyModel>): void {
  const contract = suite(`ActigraphyModel: ${name}`);

  contract('describes itself: a name and an engine exactly when it is ready, a sentence always', async () => {
    const { status, name: model, engine, message } = (await make()).describe();
    assert.is(model !== null, status === 'ready');
    assert.is(engine !== null, status === 'ready');
    assert.ok(message.length > 0);
  });

  contract('answers with numbers only when it is ready', async () => {
    const model = await make();
    const { status } = model.describe();
    const encoded = await model.encode([week(0), week(360)]);
    if (status !== 'ready') {
      assert.is(errorOf(encoded).kind, 'model-unavailable');
      assert.is(errorOf(encoded).status, status);
      return;
    }
    const weeks = valueOf(encoded);
    assert.is(weeks.length, 2);
    for (const { pooled, attentionReceived } of weeks) {
      assert.is(pooled.length, EMBEDDING_SIZE);
      assert.ok(pooled.every(Number.isFinite));
      const total = attentionReceived.reduce((sum, share) => sum + share, 0);
      assert.ok(Math.abs(total - 1) < 1e-4, `attention sums to ${total}`);
    }
    assert.not.equal(weeks[0]?.pooled, weeks[1]?.pooled);
  });

  contract('the same week gives the same answer', async () => {
    const model = await make();
    const [first, second] = [await model.encode([week(0)]), await model.encode([week(0)])];
    assert.equal(first, second);
  });

  contract.run();
}
