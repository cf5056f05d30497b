import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataName, escapeText, markup, NOTHING, shortened } from '../../../adapters/html-report/markup.ts';
import type { Markup } from '../../../adapters/html-report/markup.ts';
import { parsed, wordsOf } from './sample-report.ts';

test('a text put into a template stays text, in content and in attributes', () => {
  const hostile = `"><script>alert('x')</script>&amp;`;
  const element = parsed(markup`<a title="${hostile}">${hostile}</a>`.toString()).children[0];
  if (element === undefined || typeof element === 'string') throw new Error('no element');
  assert.is(element.attributes['title'], hostile);
  assert.is(wordsOf(element), hostile);
  assert.is(element.children.length > 0 && element.children.every((child) => typeof child === 'string'), true);
});

test('any text at all gives well-formed markup that holds no element but the one written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const root = parsed(markup`<p class="${text}">${text}</p>`.toString());
      const [paragraph] = root.children;
      return (
        root.children.length === 1 &&
        typeof paragraph === 'object' &&
        paragraph.children.every((child) => typeof child === 'string')
      );
    }),
  );
});

test('characters that XML forbids and controls that turn the writing direction are dropped', () => {
  assert.is(escapeText('a\u0000b\u0007c\u202Ed\u2066e\uD800f\uFFFEg'), 'abcdefg');
  assert.is(escapeText('é 漢 😀\n'), 'é 漢 😀\n');
});

test('markup inside markup is kept, lists are run together, null is nothing', () => {
  assert.is(
    markup`<ul>${['a', 'b'].map((item) => markup`<li>${item}</li>`)}${null}</ul>`.toString(),
    '<ul><li>a</li><li>b</li></ul>',
  );
  assert.is(NOTHING.toString(), '');
});

test('data shaped like a finished piece of markup is not trusted', () => {
  const forged = JSON.parse('{"text":"<b>"}') as Markup;
  assert.not.match(markup`${forged}`.toString(), '<b>');
});

test('a long name is cut and an empty one is named as such', () => {
  assert.is(shortened('x'.repeat(500), 10), `${'x'.repeat(9)}…`);
  assert.is(shortened('  name '), 'name');
  assert.match(dataName('').toString(), 'unnamed');
  assert.ok(dataName('😀'.repeat(1000)).toString().length < 300);
});

test.run();
