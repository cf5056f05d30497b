import { suite, test } from 'uvu'; // planted: `test` is never run
import * as assert from 'uvu/assert';

const nights = suite('nights');
const days = suite('days'); // planted: `days` is never run

test('a test that uvu registers and forgets', () => {
  assert.ok(false);
});
nights('a test that runs', () => {
  assert.ok(true);
});
days('another that is forgotten', () => {
  assert.ok(false);
});

nights.run();
