import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeMail } from '../../../core/auth/mail-texts.ts';

for (const purpose of ['confirm', 'change', 'reset'] as const) {
  test(`the mail to ${purpose} has the code once, says how long it is good and what to do when it was not you`, () => {
    const { subject, text } = codeMail(purpose, '012345', 15);
    assert.is(text.match(/\b\d{6}\b/g)?.join(), '012345');
    assert.match(text, 'good for 15 minutes');
    assert.match(text, 'used once');
    assert.match(text, 'If it was not you');
    assert.match(text, /to nobody/);
    assert.not.match(subject, /\d|\n/);
    assert.ok(text.split('\n').every((line) => line.length <= 78));
    assert.ok(text.endsWith('\n'));
  });
}

test('times are told as people do', () => {
  const goodFor = (minutes: number) => /good for (.*?) and/.exec(codeMail('reset', '1', minutes).text)?.[1];
  assert.equal([1, 15, 60, 90, 120].map(goodFor), ['1 minute', '15 minutes', '1 hour', '90 minutes', '2 hours']);
});

test.run();
