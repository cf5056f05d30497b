import { doctypeLength, irregularTag } from './irregular-tag.ts';
import { INCOMPLETE, IRREGULAR, RegularTag } from './regular-tag.ts';
import type { ElementHandler } from './start-tag.ts';

const [TAB, NEWLINE, RETURN, SPACE, BANG, SLASH, LESS, QUESTION] = [9, 10, 13, 32, 33, 47, 60, 63];
const END_TAG = /^<\/([^\s<>/]+)\s*>/;
/** The longest tag, comment or declaration; Apple's document type declaration has about 10 KB, everything else less. */
const MAX_CONSTRUCT_BYTES = 1_048_576;
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/** Why a scan stopped before the bytes did, or that it did not. */
export type ScanEnd = 'complete' | 'cut-off' | 'too-long';

/**
 * Finds the tags in the bytes of an export. Apple's files are XML, but not always well formed, so a mistake is kept to
 * the tag in which it is made: no tag can hold a `<`, and at the next one reading starts afresh. Memory is bounded by the
 * longest construct. Tags written in the regular way take a fast road; `isFast` false sends all of them the slow one,
 * which gives the same.
 */
export class ElementScanner {
  readonly #handler: ElementHandler;
  readonly #tag = new RegularTag();
  readonly #isFast: boolean;
  #work: Buffer = Buffer.allocUnsafe(131_072);
  #length = 0;
  #text = '';
  /** Where reading is, in `#work`. */
  #at = 0;
  #bytesBefore = 0;
  #linesBefore = 0;
  #isTooLong = false;
  #isInStrayText = false;

  constructor(handler: ElementHandler, isFast = true) {
    this.#handler = handler;
    this.#isFast = isFast;
  }

  /** The line, from 1, of what the handler is being told about. */
  get line(): number {
    return this.#linesBefore + newlines(this.#text, this.#at) + 1;
  }

  /** The place in the file, in bytes, of what the handler is being told about. */
  get byte(): number {
    return this.#bytesBefore + this.#at;
  }

  /** Reads on; false when there is no use in more, because something in the file has no end. */
  write(bytes: Uint8Array): boolean {
    if (this.#isTooLong) return false;
    this.#append(bytes);
    this.#scan(false);
    this.#isTooLong = this.#length - this.#at > MAX_CONSTRUCT_BYTES;
    this.#keepRest();
    return !this.#isTooLong;
  }

  /** Reads what is left. `cut-off` when the file ends inside of a tag, comment or declaration. */
  end(): ScanEnd {
    if (this.#isTooLong) return 'too-long';
    this.#append(new Uint8Array(0));
    this.#scan(true);
    return this.#at < this.#length ? 'cut-off' : 'complete';
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length >= this.#work.length) {
      const larger = Buffer.allocUnsafe(2 * length + 1);
      this.#work.copy(larger, 0, 0, this.#length);
      this.#work = larger;
    }
    this.#work.set(bytes, this.#length);
    // Reading by byte then stops here without asking at every one whether the end is reached.
    this.#work[length] = LESS;
    this.#length = length;
    this.#text = this.#work.toString('latin1', 0, length);
    this.#tag.setBytes(this.#work, this.#text);
    this.#at = 0;
    if (this.#bytesBefore === 0 && this.#text.startsWith(BYTE_ORDER_MARK)) this.#at = BYTE_ORDER_MARK.length;
  }

  #keepRest(): void {
    this.#linesBefore += newlines(this.#text, this.#at);
    this.#bytesBefore += this.#at;
    this.#work.copyWithin(0, this.#at, this.#length);
    this.#length -= this.#at;
    this.#text = '';
    this.#at = 0;
  }

  /** Reads constructs until one is not complete. `#at` stays on the `<` of a construct while the handler is told of it. */
  #scan(isLast: boolean): void {
    for (;;) {
      const at = this.#skipText(this.#at);
      this.#at = at;
      if (at === this.#length) return;
      const second = this.#work[at + 1];
      const next =
        second === SLASH
          ? this.#endTag(at, isLast)
          : second === BANG || second === QUESTION
            ? this.#declaration(at, isLast)
            : this.#startTag(at, isLast);
      if (next < 0) return;
      this.#at = next;
    }
  }

  /** The next `<` or the end. Between tags an export has only white space. */
  #skipText(from: number): number {
    const work = this.#work;
    let at = from;
    let byte = work[at] as number;
    while (byte === NEWLINE || byte === SPACE || byte === TAB || byte === RETURN) byte = work[++at] as number;
    if (byte !== LESS) {
      this.#at = at;
      if (!this.#isInStrayText) this.#handler.strayMarkup();
      this.#isInStrayText = true;
      const next = this.#text.indexOf('<', at);
      at = next < 0 ? this.#length : next;
    }
    // Stray text that goes on in the next bytes is still the same.
    if (at < this.#length) this.#isInStrayText = false;
    return at;
  }

  #startTag(at: number, isLast: boolean): number {
    const end = this.#isFast ? this.#tag.read(at, this.#length) : IRREGULAR;
    if (end === INCOMPLETE && !isLast) return INCOMPLETE;
    if (end >= 0) {
      this.#handler.startTag(this.#tag);
      return end;
    }
    const next = this.#nextTag(at, isLast);
    if (next < 0) return INCOMPLETE;
    const read = irregularTag(this.#text.slice(at, next));
    if (read.kind === 'tag') {
      this.#handler.startTag(read.tag);
      return at + read.length;
    }
    if (isLast && next === this.#length) return INCOMPLETE;
    this.#handler.unfinishedTag(read.name);
    return next;
  }

  #endTag(at: number, isLast: boolean): number {
    const next = this.#nextTag(at, isLast);
    if (next < 0) return INCOMPLETE;
    const tag = END_TAG.exec(this.#text.slice(at, next));
    if (tag !== null) {
      this.#handler.endTag(tag[1] as string);
      return at + tag[0].length;
    }
    if (isLast && next === this.#length) return INCOMPLETE;
    this.#handler.strayMarkup();
    return next;
  }

  /** Comments, processing instructions, character data and the document type: nothing in them is of use. */
  #declaration(at: number, isLast: boolean): number {
    const text = this.#text;
    if (text.startsWith('<!DOCTYPE', at)) return this.#doctype(at, isLast);
    for (const [opening, closing] of [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
    ] as const) {
      if (!text.startsWith(opening, at)) continue;
      const end = text.indexOf(closing, at + opening.length);
      return end < 0 ? INCOMPLETE : end + closing.length;
    }
    const next = this.#nextTag(at, isLast);
    if (next < 0 || (isLast && next === this.#length)) return INCOMPLETE;
    this.#handler.strayMarkup();
    return next;
  }

  #doctype(at: number, isLast: boolean): number {
    const length = doctypeLength(this.#text.slice(at));
    if (length !== null) return at + length;
    // An unbalanced quote in it would otherwise hide the whole file.
    if (!isLast && this.#length - at < MAX_CONSTRUCT_BYTES) return INCOMPLETE;
    const root = this.#text.indexOf('<HealthData', at);
    if (root >= 0) this.#handler.strayMarkup();
    return root >= 0 ? root : INCOMPLETE;
  }

  /** The next `<` after the one at `at`, the end for the last construct of all, or `INCOMPLETE`. */
  #nextTag(at: number, isLast: boolean): number {
    const next = this.#text.indexOf('<', at + 1);
    return next >= 0 ? next : isLast ? this.#length : INCOMPLETE;
  }
}

function newlines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
