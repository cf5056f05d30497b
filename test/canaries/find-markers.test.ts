import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markersIn } from './find-markers.ts';
import { newMarkers } from './markers.ts';
import { hitsInDatabase, hitsInFolder } from './search-places.ts';

const finding = suite('the search for markers');

const { stem, mark } = newMarkers('5f3a9c');
const MARKER = mark('Display name');

/** One entry of a zip, as its local header and what follows. */
function zipEntry(content: string): Buffer {
  const packed = deflateRawSync(content);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(5, 26);
  return Buffer.concat([head, Buffer.from('a.txt'), packed]);
}

const around = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0, 255, 7, 128]), bytes, Buffer.from([9, 0])]);
const everyByte = (text: string, form: (hex: string) => string): string =>
  [...Buffer.from(text)].map((byte) => form(byte.toString(16).padStart(2, '0'))).join('');

finding('finds them as text, also in capitals, and tells the field', () => {
  assert.equal(
    markersIn(`{"name":"${MARKER}"}`, stem).map(({ form, field }) => [form, field]),
    [['text', 'displayname']],
  );
  assert.is(markersIn(MARKER.toUpperCase(), stem).length, 1);
  assert.equal(markersIn('canary5f3a9', stem), []);
});

finding('finds them in other encodings', () => {
  for (const [form, content] of [
    ['UTF-16', Buffer.from(MARKER, 'utf16le')],
    ['UTF-16', Buffer.from(MARKER, 'utf16le').swap16()],
    ['hex', Buffer.from(Buffer.from(MARKER).toString('hex'))],
    ['hex', Buffer.from(Buffer.from(MARKER).toString('hex').toUpperCase())],
    ['percent-encoded', Buffer.from(everyByte(MARKER, (hex) => `%${hex.toUpperCase()}`))],
    ['escaped', Buffer.from(everyByte(MARKER, (hex) => `\\u00${hex}`))],
    ['base64', Buffer.from(Buffer.from(MARKER).toString('base64'))],
    ['base64', Buffer.from(Buffer.from(`a${MARKER}`).toString('base64'))],
    ['base64', Buffer.from(Buffer.from(`ab${MARKER}`).toString('base64url'))],
    ['base64', Buffer.from(Buffer.from(`ab${MARKER.toUpperCase()}`).toString('base64'))],
  ] as const) {
    assert.ok(
      markersIn(around(content), stem).some((found) => found.form === form),
      `${form}: ${content.toString('latin1')}`,
    );
  }
});

finding(
  'finds them inside of what is compressed, also where that begins in the middle, lacks its end or is compressed twice',
  () => {
    const text = `${'words '.repeat(50)}${MARKER}${' more words'.repeat(50)}`;
    for (const [form, content] of [
      ['gzip: text', around(gzipSync(text))],
      ['gzip: text', gzipSync(text).subarray(0, -8)],
      ['zlib: text', around(deflateSync(text))],
      ['zlib: text', around(deflateSync(text, { level: 9 }))],
      ['zip: text', around(zipEntry(text))],
      ['brotli: text', brotliCompressSync(text)],
      ['gzip: zlib: text', around(gzipSync(deflateSync(text)))],
      ['gzip: base64', gzipSync(Buffer.from(text).toString('base64'))],
    ] as const) {
      const forms = markersIn(content, stem).map((found) => found.form);
      assert.ok(forms.includes(form), `${form}: ${forms.join()}`);
    }
  },
);

finding('finds them in files, in names of files and folders, and in rows that are longer than a page', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-search-'));
  try {
    await mkdir(path.join(folder, MARKER));
    await writeFile(path.join(folder, MARKER, 'a.bin'), around(gzipSync(MARKER)));
    assert.equal((await hitsInFolder(folder, stem)).map(({ place, form }) => `${form} in ${place}`).sort(), [
      `gzip: text in ${MARKER}/a.bin`,
      `text in the name of ${MARKER}`,
    ]);
    const file = path.join(folder, 'a.db');
    const database = new Libsql(file);
    database.exec('CREATE TABLE note (id INTEGER, content BLOB, words TEXT)');
    const noise = Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 7919) % 251));
    database
      .prepare('INSERT INTO note VALUES (?, ?, ?)')
      .run(1, deflateSync(Buffer.concat([noise, Buffer.from(MARKER), noise])), MARKER);
    database.close();
    assert.equal(
      hitsInDatabase(file, stem)
        .map(({ place, form }) => `${form} in ${place}`)
        .sort(),
      ['text in note.words', 'zlib: text in note.content'],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

finding.run();
