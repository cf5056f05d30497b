import { brotliDecompressSync, constants, inflateRawSync, inflateSync } from 'node:zlib';

/** A place where a marker was found. */
export interface Found {
  /** How it was written there, such as `base64`. */
  readonly form: string;
  /** The field that the marker names, in lower case; empty where the form does not show it. */
  readonly field: string;
  /** What is around it, as far as that can be printed. */
  readonly around: string;
}

const CONTEXT = 50;
const MOST_NESTING = 3;
const MOST_BYTES = 64 * 1024 * 1024;
/** What comes after the end of what is compressed, and an end that is missing, are no reason not to look inside. */
const ANY_END = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_BYTES };

/** All letters of base64 that the text decides alone when it begins at this place of a group of three bytes. */
function base64From(text: string, place: 0 | 1 | 2): string {
  const encoded = Buffer.from(`${'\0'.repeat(place)}${text}`).toString('base64');
  const whole = Math.floor((place + text.length) / 3) * 4;
  return encoded.slice(place === 0 ? 0 : place + 1, whole);
}

interface Form {
  readonly form: string;
  readonly text: string;
  /** Whether it says the same in capitals. */
  readonly anyCase: boolean;
}

/** The forms that a text of letters and digits can have, as they look when bytes are read as Latin-1. */
function formsOf(stem: string): readonly Form[] {
  const known = FORMS.get(stem);
  if (known !== undefined) return known;
  const bytes = [...Buffer.from(stem)].map((byte) => byte.toString(16).padStart(2, '0'));
  const anyCase = [
    { form: 'text', text: stem },
    { form: 'UTF-16', text: stem.replaceAll(/(?<=.)(?=.)/g, '\0') },
    { form: 'hex', text: bytes.join('') },
    { form: 'percent-encoded', text: bytes.map((byte) => `%${byte}`).join('') },
    { form: 'escaped', text: bytes.map((byte) => `\\u00${byte}`).join('') },
  ];
  const base64 = ([0, 1, 2] as const).flatMap((place) =>
    // An address is folded before it is kept; a name may be put into capitals.
    [stem, stem.toUpperCase()].map((text) => ({ form: 'base64', text: base64From(text, place), anyCase: false })),
  );
  const forms = [...anyCase.map((form) => ({ ...form, text: form.text.toLowerCase(), anyCase: true })), ...base64];
  FORMS.set(stem, forms);
  return forms;
}

const FORMS = new Map<string, readonly Form[]>();

/** The length of a gzip header (RFC 1952, section 2.3). */
function gzipHead(bytes: Buffer): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0 && bytes.length >= at + 2) at += 2 + bytes.readUInt16LE(at);
  // A name and a comment end with a zero.
  for (const flag of [8, 16]) if ((flags & flag) !== 0) at = bytes.indexOf(0, at) + 1;
  return (flags & 2) === 0 ? at : at + 2;
}

/** What is compressed and begins somewhere in other bytes, by the first bytes of its format. */
const COMPRESSED = [
  // Read without its frame: Node takes what comes after the end for another one.
  { form: 'gzip', heads: [[0x1f, 0x8b, 0x08]], skip: gzipHead, inflate: inflateRawSync },
  { form: 'zlib', heads: [0x01, 0x5e, 0x9c, 0xda].map((level) => [0x78, level]), skip: () => 0, inflate: inflateSync },
  {
    form: 'zip',
    heads: [[0x50, 0x4b, 0x03, 0x04]],
    // The head of an entry, its name, and what follows that.
    skip: (entry: Buffer) => (entry.length < 30 ? 0 : 30 + entry.readUInt16LE(26) + entry.readUInt16LE(28)),
    inflate: inflateRawSync,
  },
] as const;

/** Every marker with the stem that is in the bytes in some form, also inside of what is compressed in them. */
export function markersIn(content: Uint8Array | string, stem: string, nesting = 0): readonly Found[] {
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.length);
  const asIs = bytes.toString('latin1');
  const folded = asIs.toLowerCase();
  const found = formsOf(stem).flatMap(({ form, text, anyCase }) =>
    placesOf(text, anyCase ? folded : asIs).map((at) => ({
      form,
      field: form === 'text' ? (/^[a-z0-9]*/.exec(folded.slice(at + text.length))?.[0] ?? '') : '',
      around: printable(asIs.slice(Math.max(0, at - CONTEXT), at + text.length + CONTEXT)),
    })),
  );
  if (nesting === MOST_NESTING) return found;
  for (const { form, heads, skip, inflate } of COMPRESSED) {
    for (const at of heads.flatMap((head) => placesOf(Buffer.from(head).toString('latin1'), asIs))) {
      const entry = bytes.subarray(at);
      found.push(
        ...inside(
          form,
          inflated(() => inflate(entry.subarray(skip(entry)), ANY_END)),
          stem,
          nesting,
        ),
      );
    }
  }
  // Brotli has no first bytes of its own: a whole content is tried.
  const unbrotlied =
    nesting === 0 ? inflated(() => brotliDecompressSync(bytes, { maxOutputLength: MOST_BYTES })) : null;
  found.push(...inside('brotli', unbrotlied, stem, nesting));
  return found;
}

const inside = (form: string, content: Uint8Array | null, stem: string, nesting: number): readonly Found[] =>
  content === null
    ? []
    : markersIn(content, stem, nesting + 1).map((found) => ({ ...found, form: `${form}: ${found.form}` }));

function placesOf(text: string, content: string): readonly number[] {
  const places: number[] = [];
  for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) places.push(at);
  return places;
}

function inflated(inflate: () => Uint8Array): Uint8Array | null {
  try {
    const whole = inflate();
    return whole.length === 0 ? null : whole;
  } catch {
    return null;
  }
}

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '.');
