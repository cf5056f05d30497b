import { crc32, deflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { byteSource, countOf, craftedZip, exportXml, readExport, record, refusal, zipOf } from './export-fixtures.ts';

const XML = exportXml(record().repeat(3));
const CDA = '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><entry/></ClinicalDocument>';

test('finds the export whatever the language calls it', async () => {
  for (const name of [
    'apple_health_export/export.xml',
    'apple_health_export/Export.xml',
    'apple_health_export/exportación.xml',
    'apple_health_export/导出.xml',
    'экспорт/экспорт.xml',
    'export.xml',
    'EXPORT.XML',
  ]) {
    const zip = await zipOf({
      'apple_health_export/export_cda.xml': CDA,
      'apple_health_export/notes.txt': 'x',
      [name]: XML,
    });
    assert.equal((await readExport(zip)).summary.samples, { heart_rate: 3 }, name);
  }
});

test('tells the export by its content when several documents look like it', async () => {
  const zip = await zipOf({
    'apple_health_export/largest.xml': `<?xml version="1.0"?><gpx>${'<trkpt/>'.repeat(1000)}</gpx>`,
    'apple_health_export/x.xml': XML,
    'apple_health_export/export_cda.xml': CDA,
  });
  assert.equal((await readExport(zip)).summary.samples, { heart_rate: 3 });
});

test('reads a stored entry, and counts the bytes of the document as progress', async () => {
  const content = Buffer.from(XML);
  const zip = craftedZip({ name: 'export.xml', content, stored: content, method: 0, crc32: crc32(content) });
  const { summary } = await readExport(zip);
  assert.equal(summary.samples, { heart_rate: 3 });
  assert.is(summary.xmlBytes, content.length);
  assert.equal(summary.notices, []);
});

test('reads the directory in few requests however many routes there are', async () => {
  const files: Record<string, string> = { 'apple_health_export/export.xml': XML };
  for (let n = 0; n < 1500; n += 1) files[`apple_health_export/workout-routes/route_${String(n)}.gpx`] = 'x';
  const memory = byteSource(await zipOf(files));
  let requests = 0;
  const counting: ByteSource = {
    sizeBytes: memory.sizeBytes,
    stream: (range) => {
      requests += 1;
      return memory.stream(range);
    },
  };
  assert.equal((await readExport(counting)).summary.samples, { heart_rate: 3 });
  assert.ok(requests < 12, String(requests));
});

test('refuses archives that hold no export, and says what they hold', async () => {
  const empty = await refusal(await zipOf({}));
  assert.equal([empty.kind, 'code' in empty && empty.code], ['export-unreadable', 'no-export-xml']);
  const other = await refusal(
    await zipOf({ 'a/b/export.xml': XML, '__MACOSX/export.xml': XML, 'x/._export.xml': XML }),
  );
  assert.is('code' in other && other.code, 'no-export-xml');
  const clinical = await refusal(await zipOf({ 'apple_health_export/export_cda.xml': CDA }));
  assert.equal(clinical, {
    kind: 'export-unreadable',
    code: 'no-export-xml',
    message: 'No document in the archive is an export of the Health app.',
    place: 'apple_health_export/export_cda.xml has the root element ClinicalDocument',
  });
});

test('refuses an archive that is cut off, at every length', async () => {
  const zip = await zipOf({ 'apple_health_export/export.xml': XML });
  for (let length = 4; length < zip.length; length += 7) {
    const error = await refusal(zip.subarray(0, length));
    assert.is('code' in error && error.code, 'broken-zip', String(length));
    assert.ok('place' in error && error.place.length > 0);
  }
});

test('refuses an archive whose directory is garbage', async () => {
  const zip = Buffer.from(await zipOf({ 'apple_health_export/export.xml': XML }));
  zip.writeUInt32LE(0, zip.indexOf('PK\u0001\u0002'));
  const error = await refusal(zip);
  assert.is('code' in error && error.code, 'broken-zip');
  assert.is('place' in error && error.place, 'entry 1 of the archive’s directory');
});

test('refuses an archive with a password, and a compression that is not read', async () => {
  const content = Buffer.from(XML);
  const encrypted = await refusal(craftedZip({ name: 'apple_health_export/export.xml', content, flags: 1 }));
  assert.equal(encrypted, {
    kind: 'export-unreadable',
    code: 'encrypted-zip',
    message: 'The archive is protected by a password.',
    place: 'apple_health_export/export.xml',
  });
  const strong = await refusal(craftedZip({ name: 'export.xml', content, flags: 0x41 }));
  assert.is('code' in strong && strong.code, 'encrypted-zip');
  const strange = await refusal(craftedZip({ name: 'export.xml', content, method: 93 }));
  assert.is('code' in strange && strange.code, 'broken-zip');
});

const LONG = Buffer.from(
  exportXml(Array.from({ length: 4000 }, (_, n) => record({ value: String(50 + ((n * 7919) % 100)) })).join('')),
);

test('an archive that is damaged in the middle is read up to there', async () => {
  const stored = Buffer.from(deflateRawSync(LONG));
  stored.fill(0xff, stored.length >> 1, (stored.length >> 1) + 64);
  const zip = craftedZip({ name: 'export.xml', content: LONG, stored, crc32: crc32(LONG) });
  const { summary } = await readExport(zip);
  assert.ok((summary.samples.heart_rate ?? 0) > 100);
  assert.ok((summary.samples.heart_rate ?? 0) < 4000);
  const notice = summary.notices.find(({ code }) => code === 'truncated');
  assert.match(notice?.firstAt ?? '', /^line \d+, byte \d+ \(export\.xml, byte \d+\)$/);
});

test('an archive that is damaged before its first record is refused', async () => {
  const stored = Buffer.from(deflateRawSync(LONG));
  stored.fill(0xff, 0, 64);
  const error = await refusal(craftedZip({ name: 'export.xml', content: LONG, stored }));
  assert.is('code' in error && error.code, 'broken-zip');
  assert.match('place' in error ? error.place : '', /^export\.xml, byte \d+$/);
});

test('content that does not match its checksum or its length is said to be damaged', async () => {
  const content = Buffer.from(XML);
  const wrong = await readExport(craftedZip({ name: 'export.xml', content, crc32: 1 }));
  assert.is(countOf(wrong.summary, 'checksum-mismatch'), 1);
  assert.is(countOf(wrong.summary, 'truncated'), 0);
  assert.equal(wrong.summary.samples, { heart_rate: 3 });
  const short = await readExport(craftedZip({ name: 'export.xml', content, claimedBytes: content.length + 9 }));
  assert.is(countOf(short.summary, 'truncated'), 1);
});

test('refuses what claims to expand too far before reading it, and what does so without claiming it', async () => {
  const claimed = await refusal(craftedZip({ name: 'export.xml', content: LONG, claimedBytes: 0xffff_fff0 }));
  assert.is('code' in claimed && claimed.code, 'compression-ratio');
  const tooLarge = await refusal(craftedZip({ name: 'export.xml', content: LONG }), { maxXmlBytes: LONG.length - 1 });
  assert.is('code' in tooLarge && tooLarge.code, 'too-large');
  const lying = craftedZip({ name: 'export.xml', content: LONG, claimedBytes: 10 });
  const unmasked = await refusal(lying, { maxXmlBytes: 200_000 });
  assert.is('code' in unmasked && unmasked.code, 'too-large');
});

test('a bomb is refused by its ratio while it expands', async () => {
  const bomb = Buffer.alloc(30_000_000, exportXml(' '.repeat(1000)));
  const error = await refusal(craftedZip({ name: 'export.xml', content: bomb, claimedBytes: 1000 }));
  assert.equal(error, {
    kind: 'export-unreadable',
    code: 'compression-ratio',
    message: 'The archive expands to more than 200 times its size.',
    place: 'export.xml',
  });
});

test('small files may compress as well as they like', async () => {
  const zip = await zipOf({ 'export.xml': exportXml(record().repeat(1500)) });
  assert.equal((await readExport(zip)).summary.samples, { heart_rate: 1500 });
});

test.run();
