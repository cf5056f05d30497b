import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ElementScanner } from '../../../adapters/apple-export/element-scanner.ts';
import { RecordImport } from '../../../adapters/apple-export/record-import.ts';
import type { ElementHandler, StartTag } from '../../../adapters/apple-export/start-tag.ts';
import { EXPORT_DATE, exportXml, PROLOG, record, rowsOf } from './export-fixtures.ts';

/** What the scanner tells of, as text. */
function events(xml: string, options: { readonly isFast?: boolean; readonly pieceBytes?: number } = {}): string[] {
  const told: string[] = [];
  const handler: ElementHandler = {
    startTag: (tag: StartTag) => {
      const values = ['type', 'value', 'a', 'b'].map((name) => tag.text(name)).map((value) => value ?? '-');
      told.push(`${tag.name}${tag.isSelfClosing ? '/' : ''} ${tag.flaws} ${values.join('|')} @${String(scanner.line)}`);
    },
    endTag: (name) => told.push(`/${name}`),
    unfinishedTag: (name) => told.push(`unfinished ${name} @${String(scanner.line)}`),
    strayMarkup: () => told.push(`stray @${String(scanner.line)}`),
  };
  const scanner = new ElementScanner(handler, options.isFast ?? true);
  const bytes = Buffer.from(xml);
  const pieceBytes = options.pieceBytes ?? bytes.length;
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.write(bytes.subarray(at, at + pieceBytes));
  told.push(scanner.end());
  return told;
}

test('tells of tags with their attributes and lines', () => {
  assert.equal(events('<a a="1">\n <b a="x&lt;y" b="Zo\u00eb &#8217;&#x1F600;"/>\n\n</a>'), [
    'a none -|-|1|- @1',
    'b/ none -|-|x<y|Zo\u00eb ’😀 @2',
    '/a',
    'complete',
  ]);
});

test('reads what machines write and what people write alike', () => {
  for (const tag of [
    '<b a="1" b="2"/>',
    "<b a='1' b='2'/>",
    '<b\n  a="1"\r\n\tb="2"\n/>',
    '<b a = "1" b= "2" />',
    '<b b="2" a="&#49;"/>',
    '<b a="1" b="2" é="x"/>',
    '<b x1="1" x2="1" x3="1" x4="1" a="1" b="2"/>',
  ]) {
    assert.equal(events(tag), ['b/ none -|-|1|2 @1', 'complete'], tag);
    assert.equal(events(tag, { isFast: false }), ['b/ none -|-|1|2 @1', 'complete'], tag);
  }
});

test('a ">" inside of a value does not end the tag', () => {
  assert.equal(events('<b a="1 > 0"/>'), ['b/ none -|-|1 > 0|- @1', 'complete']);
});

test('line breaks inside of a value are spaces, as XML has it', () => {
  assert.equal(events('<b a="1\n2\t3"/>'), ['b/ none -|-|1 2 3|- @1', 'complete']);
});

test('a tag with more attributes than a machine writes is read all the same', () => {
  const many = Array.from({ length: 100 }, (_, n) => `x${String(n)}="${String(n)}"`).join(' ');
  assert.equal(events(`<b ${many} a="1"/>`), ['b/ none -|-|1|- @1', 'complete']);
});

/** Mostly well-formed exports, with pieces of them repeated, cut out and changed. */
const fragment = fc.constantFrom(
  record(),
  record({ sourceName: 'Jo &amp; Al' }, '  <MetadataEntry key="HKTimeZone" value="Europe/Berlin"/>\n'),
  record({ value: '999' }),
  record({ type: 'HKOther' }),
  " <Record type='HKQuantityTypeIdentifierHeartRate' startDate='2024-01-01 08:00:00 +0100'\n endDate='2024-01-01 08:00:00 +0100' unit='count/min' value='70'/>\n",
  ' <Correlation type="x">\n',
  ' </Correlation>\n',
  ' </Record>\n',
  '<!-- note -->',
  '<![CDATA[ x ]]>',
  ' <Workout a="1">\n </Workout>\n',
  EXPORT_DATE,
);
const document = fc.array(fragment, { maxLength: 25 }).map((fragments) => exportXml(fragments.join(''), PROLOG));
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 12 }),
  insert: fc.constantFrom(
    '',
    '<',
    '>',
    '"',
    "'",
    '&',
    ';',
    '/',
    '=',
    ' ',
    '\n',
    '\u0000',
    '<!--',
    ']]>',
    'é',
    '<Record ',
  ),
});
const damagedDocument = fc.tuple(document, fc.array(edit, { maxLength: 4 })).map(([xml, edits]) =>
  edits.reduce((text, { at, cut, insert }) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place) + insert + text.slice(place + cut);
  }, xml),
);

test('what is told does not depend on where the bytes are divided', () => {
  fc.assert(
    fc.property(damagedDocument, fc.integer({ min: 1, max: 200 }), (xml, pieceBytes) => {
      assert.equal(events(xml, { pieceBytes }), events(xml));
    }),
    { numRuns: 300 },
  );
});

test('the fast road and the slow one tell the same of every document, damaged or not', () => {
  fc.assert(
    fc.property(damagedDocument, (xml) => {
      assert.equal(events(xml), events(xml, { isFast: false }));
    }),
    { numRuns: 1500 },
  );
});

test('both roads lead to the same samples, notices and counts', () => {
  const imported = (xml: string, isFast: boolean) => {
    const records: RecordImport = new RecordImport(() => String(scanner.line));
    const scanner: ElementScanner = new ElementScanner(records, isFast);
    scanner.write(Buffer.from(xml));
    scanner.end();
    return {
      rows: rowsOf(records.samples.take()),
      notices: records.notices(),
      seen: records.recordsSeen,
      zones: records.zones.list(),
      offsets: records.offsets.list(),
    };
  };
  fc.assert(
    fc.property(damagedDocument, (xml) => {
      assert.equal(imported(xml, true), imported(xml, false));
    }),
    { numRuns: 500 },
  );
});

test.run();
