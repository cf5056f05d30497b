import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExportSummary } from '../../../core/health-data/ports.ts';
import {
  byteSource,
  countOf,
  EXPORT_DATE,
  exportXml,
  PROLOG,
  readExport,
  record,
  refusal,
  rejectedRecords,
  rowsOf,
  total,
} from './export-fixtures.ts';

const codes = (summary: ExportSummary) => summary.notices.map(({ code, count, firstAt }) => [code, count, firstAt]);

async function refusedAs(content: string | Uint8Array): Promise<readonly [unknown, unknown]> {
  const error = await refusal(content);
  return ['code' in error && error.code, 'place' in error && error.place];
}

test('refuses files that are no export, naming the place', async () => {
  assert.equal(await refusedAs(''), ['empty-file', 'byte 0']);
  assert.equal(await refusedAs('hello'), ['not-an-export', 'byte 0']);
  assert.equal(await refusedAs('\u0000\u0001\u0002\u0003'), ['not-an-export', 'byte 0']);
  assert.equal(await refusedAs('   \n '), ['not-an-export', 'byte 0']);
  assert.equal(await refusedAs('{"data":[]}'), ['not-an-export', 'byte 0']);
  assert.equal(await refusedAs(Buffer.from(exportXml(''), 'utf16le')), ['not-an-export', 'byte 0']);
  const html = await refusedAs('<!DOCTYPE html><html><body>Not found</body></html>');
  assert.equal(html, ['not-an-export', 'the document has the root element html']);
  assert.equal(await refusedAs('<?xml version="1.0"?>\n'), ['not-an-export', 'the document has no HealthData element']);
  assert.equal(await refusedAs('<HealthDat'), ['not-an-export', 'the document has no HealthData element']);
});

test('does not repeat a root element that is no name', async () => {
  assert.equal(await refusedAs(`<${'x'.repeat(500)}>`), [
    'not-an-export',
    'the document has the root element (unreadable)',
  ]);
});

test('refuses XML of more bytes than the limit', async () => {
  const xml = exportXml(record());
  const error = await refusal(xml, { maxXmlBytes: 100 });
  assert.is('code' in error && error.code, 'too-large');
  const huge = { sizeBytes: 5 * 1024 ** 3, stream: () => byteSource(PROLOG).stream() };
  const fiveGigabytes = await refusal(huge);
  assert.equal(fiveGigabytes, {
    kind: 'export-unreadable',
    code: 'too-large',
    message: 'The export holds more than the 4 GiB of XML that are read.',
    place: 'byte 4294967296',
  });
});

test('every kind of unusable record is counted with the line of its first', async () => {
  const { summary } = await readExport(
    exportXml(
      record() +
        record({ type: 'HKQuantityTypeIdentifierWalkingSpeed' }) +
        record({ startDate: '2024-02-30 08:00:00 +0100' }) +
        record({ endDate: '2024-01-01 07:00:00 +0100' }) +
        record({ startDate: '1970-01-01 00:00:00 +0000', endDate: '1970-01-01 00:00:00 +0000' }) +
        record({ startDate: '2023-12-01 00:00:00 +0000' }) +
        record({ value: 'x' }) +
        record({ value: null }) +
        record({ value: '0' }) +
        record({ unit: 'furlong' }) +
        record({ type: null }) +
        record(),
    ),
  );
  assert.equal(codes(summary).sort(), [
    ['bad-date', 1, 'line 6'],
    ['bad-value', 2, 'line 10'],
    ['date-out-of-range', 1, 'line 8'],
    ['ends-before-start', 1, 'line 7'],
    ['too-long', 1, 'line 9'],
    ['unknown-type', 1, 'line 14'],
    ['unknown-type', 1, 'line 5'],
    ['unknown-unit', 1, 'line 13'],
    ['value-out-of-range', 1, 'line 12'],
  ]);
  assert.equal(summary.samples, { heart_rate: 2 });
  assert.is(summary.recordsSeen, total(summary.samples) + rejectedRecords(summary));
});

test('attribute names with spaces hurt nothing but themselves', async () => {
  // As the Health app of iOS 8 wrote what a scale had put into the metadata.
  const scale = ` <Record type="HKQuantityTypeIdentifierBodyMass" source="Scale" unit="kg" startDate="20150616071820-0700" endDate="20150616071820-0700" Health Mate App Version="2.6.0" Withings User Identifier="1" Other Version="3" value="70.5"/>\n`;
  const { summary, batches } = await readExport(exportXml(record() + scale + record()));
  assert.equal(summary.samples, { heart_rate: 2, body_mass: 1 });
  assert.equal(codes(summary), [['malformed-markup', 1, 'line 5']]);
  const weighed = rowsOf(batches).find(({ type }) => type === 'body_mass');
  assert.equal([weighed?.value, weighed?.offsetMinutes], [70.5, -420]);
});

test('a record with a needed attribute twice is refused', async () => {
  const twice = record().replace('value="61"', 'value="61" value="62"');
  const { summary } = await readExport(exportXml(twice + record()));
  assert.equal(summary.samples, { heart_rate: 1 });
  assert.is(countOf(summary, 'bad-value'), 1);
});

test('a mistake in one tag does not reach the next', async () => {
  const broken = [
    record().replace('value="61"/>', 'value="61/>'),
    record().replace('value="61"/>', 'value="61"'),
    record().replace('unit="count/min"', 'unit=count/min'),
    record().replace('Jo’s', 'Jo & Al'),
    record().replace('Jo’s', 'Jo &unknown; Al'),
    record().replace('Jo’s', 'Jo &#0; Al'),
    record().replace('" unit', '"unit'),
    record().replace('type="', 'type='),
    record().replace('/>', '</Record>'),
    record().replace(' endDate', ' <endDate'),
  ];
  for (const mistake of broken) {
    const { summary } = await readExport(exportXml(record() + mistake + record()));
    assert.is(summary.samples.heart_rate, 2, mistake);
    assert.equal(summary.recordsSeen, 3, mistake);
    assert.is(countOf(summary, 'malformed-record'), 1, mistake);
    assert.ok(countOf(summary, 'malformed-markup') >= 1, mistake);
    assert.is(summary.notices.find(({ code }) => code === 'malformed-record')?.firstAt, 'line 5');
  }
});

test('control characters inside of a value are dropped with the record kept', async () => {
  const { summary, batches } = await readExport(exportXml(record({ sourceName: 'Jo\u000b’s Watch' })));
  assert.equal(summary.samples, { heart_rate: 1 });
  assert.is(batches[0]?.sources[0]?.name, 'Jo’s Watch');
  assert.is(countOf(summary, 'malformed-markup'), 1);
});

test('text and broken end tags where none belong are counted and passed over', async () => {
  const { summary } = await readExport(
    exportXml(`${record()}stray\n${record()}</Rec ord>\n${record()}</>\n<!X>${record()}`),
  );
  assert.equal(summary.samples, { heart_rate: 4 });
  assert.equal(codes(summary), [['malformed-markup', 4, 'line 5']]);
});

test('a record that loses its end does not swallow the next', async () => {
  const open = record().replace('/>', '>');
  const { summary } = await readExport(exportXml(open + record() + open + open + record()));
  assert.equal(summary.samples, { heart_rate: 5 });
  assert.is(countOf(summary, 'malformed-markup'), 3);
});

test('a correlation that loses its end does not swallow the rest of the file', async () => {
  const correlation = ` <Correlation type="x">\n${record()}`;
  const next = `${correlation} </Correlation>\n`;
  const { summary } = await readExport(exportXml(correlation + next + record()));
  assert.equal(summary.samples, { heart_rate: 1 });
  const flood = await readExport(exportXml(correlation + record().repeat(1000)));
  assert.equal(flood.summary.samples, { heart_rate: 745 });
  assert.is(countOf(flood.summary, 'malformed-markup'), 1);
});

test('a file that is cut off is read up to there, at every length', async () => {
  const xml = exportXml(record({}, '  <MetadataEntry key="a" value="b"/>\n') + record());
  const first = xml.indexOf('<Record');
  const second = xml.lastIndexOf('<Record');
  for (let length = first; length < xml.lastIndexOf('</HealthData>') + 12; length += 1) {
    const { summary } = await readExport(xml.slice(0, length));
    const whole = length >= xml.indexOf('/>', second) + 2 ? 2 : length > xml.indexOf('">', first) + 1 ? 1 : 0;
    assert.is(summary.samples.heart_rate ?? 0, whole, String(length));
    assert.is(countOf(summary, 'truncated'), 1, String(length));
    assert.match(summary.notices.find(({ code }) => code === 'truncated')?.firstAt ?? '', /^line \d+, byte \d+$/);
  }
});

test('an export without records says so', async () => {
  const { summary } = await readExport(exportXml(''));
  assert.equal(codes(summary), [['no-records', 1, null]]);
});

test('a byte order mark is no text', async () => {
  assert.equal((await readExport(`\ufeff${exportXml(record())}`)).summary.notices, []);
});

const DOCTYPE = (body: string) => `${PROLOG}<!DOCTYPE HealthData [\n${body}]>\n`;

test('the declarations that the Health app writes are passed over', async () => {
  const declarations = `<!-- HealthKit Export Version: 11 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
<!ATTLIST Record
  type          CDATA #REQUIRED
>
<!-- Note: Any Records that appear as children of a correlation also appear as top-level records in this document. It's so. -->
`;
  const { summary } = await readExport(exportXml(record(), DOCTYPE(declarations)));
  assert.equal(summary.samples, { heart_rate: 1 });
  assert.equal(summary.notices, []);
});

test('the declarations of iOS 16, which are not well formed, are passed over too', async () => {
  const declarations = `<!ATTLIST VisionPrescription
  type             CDATA #REQUIRED
  brand            CDATA #IMPLIED
<!ELEMENT RightEye EMPTY>
<!ATTLIST RightEye
  sphere           CDATA #IMPLIED
<!ELEMENT LeftEye EMPTY>
  device CDATA #IMPLIED
<!ELEMENT MetadataEntry EMPTY>
>
`;
  const { summary } = await readExport(exportXml(record(), DOCTYPE(declarations)));
  assert.equal(summary.samples, { heart_rate: 1 });
});

test('a document type that never ends does not hide the records', async () => {
  const { summary } = await readExport(
    exportXml(record(), `${PROLOG}<!DOCTYPE HealthData [\n<!ATTLIST HealthData locale "\n>\n]>\n`),
  );
  assert.equal(summary.samples, { heart_rate: 1 });
  assert.is(countOf(summary, 'malformed-markup'), 1);
});

test('entities that the document declares are neither expanded nor fetched', async () => {
  let entities = '<!ENTITY a0 "aaaaaaaaaa">\n<!ENTITY remote SYSTEM "http://127.0.0.1:9/x">\n';
  for (let n = 1; n < 12; n += 1) entities += `<!ENTITY a${String(n)} "${`&a${String(n - 1)};`.repeat(10)}">\n`;
  const content = record({ sourceName: '&a11;' }) + record({ sourceName: '&remote;' }) + record() + '&a11;';
  const { summary } = await readExport(exportXml(content, DOCTYPE(entities)));
  assert.equal(summary.samples, { heart_rate: 1 });
  assert.is(countOf(summary, 'malformed-record'), 2);
});

test('a tag, a comment, a depth or an attribute list without end does not fill the memory', async () => {
  const start = `${PROLOG}<HealthData>\n${record()}`;
  for (const endless of [
    `<Record type="${'x'.repeat(3_000_000)}`,
    `<!-- ${'x'.repeat(3_000_000)}`,
    `<Record ${'a="" '.repeat(600_000)}`,
    `<${'x'.repeat(3_000_000)}`,
  ]) {
    const { summary } = await readExport(start + endless);
    assert.equal(summary.samples, { heart_rate: 1 });
    assert.is(countOf(summary, 'truncated'), 1);
  }
  const deep = await readExport(`${start}${'<a>'.repeat(200_000)}${record()}`);
  assert.equal(deep.summary.samples, { heart_rate: 2 });
  assert.is(countOf(deep.summary, 'truncated'), 1);
});

test('two exports in one file are both read', async () => {
  const { summary } = await readExport(exportXml(record()) + exportXml(record()).slice(PROLOG.length));
  assert.equal(summary.samples, { heart_rate: 2 });
});

test('an export date that is no date changes nothing', async () => {
  const { summary } = await readExport(exportXml(record()).replace(EXPORT_DATE, ' <ExportDate value="tomorrow"/>\n'));
  assert.equal(summary.samples, { heart_rate: 1 });
});

test.run();
