import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RejectionTally, SAMPLE_REJECTION_REASONS, rejectionMessage } from '../../../core/apple-health/rejections.ts';

test('counts by reason and type and keeps the first place only', () => {
  const tally = new RejectionTally();
  tally.countSample('bad-value', 'heart_rate', 'x', () => 'line 3');
  tally.countSample('bad-value', 'step_count', 'y', () => 'line 4');
  tally.countSample('bad-value', 'heart_rate', 'x', () => 'line 5');
  assert.equal(tally.notices(), [
    { code: 'bad-value', message: 'A heart_rate has no usable value.', count: 2, firstAt: 'line 3' },
    { code: 'bad-value', message: 'A step_count has no usable value.', count: 1, firstAt: 'line 4' },
  ]);
});

test('names unknown types one by one up to a limit, and loses none of the count', () => {
  const tally = new RejectionTally();
  for (let n = 0; n < 1000; n += 1) tally.countSample('unknown-type', null, `HKType${String(n)}`, () => null);
  tally.countSample('unknown-type', null, 'HKType0', () => null);
  const notices = tally.notices();
  assert.is(notices.length, 251);
  assert.is(
    notices.reduce((sum, { count }) => sum + count, 0),
    1001,
  );
  assert.is(notices.find(({ message }) => message.startsWith('HKType0 '))?.count, 2);
});

test('does not repeat text that is not an identifier', () => {
  const tally = new RejectionTally();
  tally.countSample('unknown-type', null, 'born 1980-01-01', () => null);
  tally.countSample('unknown-type', null, '<script>', () => null);
  assert.equal(tally.notices(), [
    { code: 'unknown-type', message: 'The type is not an identifier.', count: 2, firstAt: null },
  ]);
});

test('every reason has a sentence of its own', () => {
  const sentences = SAMPLE_REJECTION_REASONS.map((reason) => rejectionMessage(reason, 'heart_rate', 'x'));
  assert.is(new Set(sentences).size, SAMPLE_REJECTION_REASONS.length);
  for (const sentence of sentences) assert.match(sentence, /^[A-Zx].*\.$/);
});

test.run();
