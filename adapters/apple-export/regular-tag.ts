import type { StartTag } from './start-tag.ts';

/** `RegularTag.read`: the bytes end before the tag does. */
export const INCOMPLETE = -1;
/** `RegularTag.read`: the tag is not written in the regular way; nothing can be said about it here. */
export const IRREGULAR = -2;

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, AMPERSAND, SLASH, LESS, EQUALS, GREATER, SEMICOLON, HASH] = [
  9, 10, 13, 32, 34, 38, 47, 60, 61, 62, 59, 35,
];
/** Apple's widest element has 12 attributes; a tag with more than this is read the slow way. */
const MAX_ATTRIBUTES = 32;

const NAME_BYTES = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:')) NAME_BYTES[byte] = 2;
for (const byte of Buffer.from('0123456789-.')) NAME_BYTES[byte] = 1;

const isSpace = (byte: number): boolean => byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;

/**
 * Reads start tags that are written the way machines write them: ASCII names, one double-quoted value an attribute, no
 * control characters, only references that XML itself defines. That is all but a handful of the tags of an export, and
 * they need no XML parser: this one works on bytes, allocates nothing and makes strings only of what is asked for.
 * Whatever is written in any other way, well formed or not, is `IRREGULAR`, and up to `irregularTag`.
 */
export class RegularTag implements StartTag {
  readonly flaws = 'none';
  name = '';
  isSelfClosing = false;

  #bytes: Uint8Array = new Uint8Array(0);
  #latin1 = '';
  #count = 0;
  readonly #nameAt = new Int32Array(MAX_ATTRIBUTES);
  readonly #nameEnd = new Int32Array(MAX_ATTRIBUTES);
  readonly #valueAt = new Int32Array(MAX_ATTRIBUTES);
  readonly #valueEnd = new Int32Array(MAX_ATTRIBUTES);
  /** 1 where the value is its own text: ASCII without references. */
  readonly #isPlain = new Uint8Array(MAX_ATTRIBUTES);

  /** Sets what the following calls of `read` read: the bytes, and the same bytes as a string of one character each. */
  setBytes(bytes: Uint8Array, latin1: string): void {
    this.#bytes = bytes;
    this.#latin1 = latin1;
  }

  /**
   * Reads the tag whose `<` is at `at`; there must be a `<` at `end`, which is the end of the bytes. Returns the place
   * after the tag's `>`, `INCOMPLETE` or `IRREGULAR`.
   */
  read(at: number, end: number): number {
    const bytes = this.#bytes;
    let i = at + 1;
    let byte = bytes[i] as number;
    if (NAME_BYTES[byte] !== 2) return i === end ? INCOMPLETE : IRREGULAR;
    do byte = bytes[++i] as number;
    while (NAME_BYTES[byte] !== 0);
    const nameEnd = i;
    let count = 0;
    for (;;) {
      const from = i;
      while (isSpace(byte)) byte = bytes[++i] as number;
      if (byte === GREATER) break;
      if (byte === SLASH) {
        byte = bytes[++i] as number;
        if (byte !== GREATER) return i === end ? INCOMPLETE : IRREGULAR;
        break;
      }
      if (from === i || NAME_BYTES[byte] !== 2 || count === MAX_ATTRIBUTES) return i === end ? INCOMPLETE : IRREGULAR;
      this.#nameAt[count] = i;
      do byte = bytes[++i] as number;
      while (NAME_BYTES[byte] !== 0);
      this.#nameEnd[count] = i;
      if (this.#isRepeated(count)) return IRREGULAR;
      if (byte !== EQUALS) return i === end ? INCOMPLETE : IRREGULAR;
      byte = bytes[++i] as number;
      if (byte !== QUOTE) return i === end ? INCOMPLETE : IRREGULAR;
      i = this.#readValue(i + 1, count);
      if (i < 0) return ~i === end ? INCOMPLETE : IRREGULAR;
      byte = bytes[i] as number;
      count += 1;
    }
    this.isSelfClosing = bytes[i - 1] === SLASH;
    this.name = this.#latin1.slice(at + 1, nameEnd);
    this.#count = count;
    return i + 1;
  }

  text(attribute: string): string | null {
    const found = this.#find(attribute);
    if (found < 0) return null;
    const markup = this.#latin1.slice(this.#valueAt[found], this.#valueEnd[found]);
    return this.#isPlain[found] === 1 ? markup : resolveReferences(utf8Of(markup));
  }

  markup(attribute: string): string | null {
    const found = this.#find(attribute);
    return found < 0 ? null : this.#latin1.slice(this.#valueAt[found], this.#valueEnd[found]);
  }

  /** Reads the value from after its opening quote; returns the place after the closing one, or `~place` of a hindrance. */
  #readValue(from: number, slot: number): number {
    const bytes = this.#bytes;
    let i = from;
    let isPlain = 1;
    let byte = bytes[i] as number;
    while (byte !== QUOTE) {
      if (byte < SPACE || byte === LESS) return ~i;
      if (byte === AMPERSAND) {
        const last = referenceEnd(bytes, i);
        if (last < 0) return last;
        i = last;
        isPlain = 0;
      } else if (byte > 126) isPlain = 0;
      byte = bytes[++i] as number;
    }
    this.#valueAt[slot] = from;
    this.#valueEnd[slot] = i;
    this.#isPlain[slot] = isPlain;
    return i + 1;
  }

  /** Whether an attribute before the one in `slot` has the same name, which XML forbids. */
  #isRepeated(slot: number): boolean {
    const bytes = this.#bytes;
    const at = this.#nameAt[slot] as number;
    const length = (this.#nameEnd[slot] as number) - at;
    next: for (let other = 0; other < slot; other += 1) {
      const otherAt = this.#nameAt[other] as number;
      if ((this.#nameEnd[other] as number) - otherAt !== length) continue;
      for (let i = 0; i < length; i += 1) if (bytes[at + i] !== bytes[otherAt + i]) continue next;
      return true;
    }
    return false;
  }

  #find(attribute: string): number {
    const bytes = this.#bytes;
    const length = attribute.length;
    next: for (let slot = 0; slot < this.#count; slot += 1) {
      const at = this.#nameAt[slot] as number;
      if ((this.#nameEnd[slot] as number) - at !== length) continue;
      for (let i = 0; i < length; i += 1) if (bytes[at + i] !== attribute.charCodeAt(i)) continue next;
      return slot;
    }
    return -1;
  }
}

/** The text of bytes that were read as one character each. */
export function utf8Of(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

const NAMED_REFERENCES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
/** `&#x10FFFF;` and `&#1114111;` are the longest that mean anything. */
const MAX_REFERENCE_LENGTH = 10;

function resolveReferences(markup: string): string {
  return markup.replace(/&([^;]*);/g, (reference, body: string) => {
    const character = NAMED_REFERENCES.get(body);
    return character ?? String.fromCodePoint(codePointOf(body) ?? reference.charCodeAt(0));
  });
}

/** The place of the `;` that ends the reference at `at`, or `~place` where it turns out not to be a known one. */
function referenceEnd(bytes: Uint8Array, at: number): number {
  let body = '';
  for (let i = at + 1; i - at <= MAX_REFERENCE_LENGTH; i += 1) {
    const byte = bytes[i] as number;
    if (byte === SEMICOLON) return NAMED_REFERENCES.has(body) || codePointOf(body) !== null ? i : ~at;
    if (NAME_BYTES[byte] === 0 && byte !== HASH) return ~i;
    body += String.fromCharCode(byte);
  }
  return ~at;
}

/** The character a numeric reference's body (`#8217`, `#xA0`) stands for, or null; XML 1.0 section 2.2 lists them. */
function codePointOf(body: string): number | null {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(body);
  if (digits === null) return null;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  const isCharacter =
    code === TAB ||
    code === NEWLINE ||
    code === RETURN ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isCharacter ? code : null;
}
