/** Writes numbers and text one after another into a growing buffer. Little-endian. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(Math.max(expectedBytes, 64));
    this.#view = new DataView(this.#bytes.buffer);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, lowest first, the top bit set on all bytes but the last. */
  unsigned(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number from -2^52 to 2^52 - 1, small ones of either sign in few bytes: 0, -1, 1, -2 ... as 0, 1, 2, 3 ... */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** UTF-8 with its length in bytes before it. */
  text(value: string): void {
    const utf8 = new TextEncoder().encode(value);
    this.unsigned(utf8.length);
    this.#reserve(utf8.length);
    this.#bytes.set(utf8, this.#length);
    this.#length += utf8.length;
  }

  /** What was written so far; valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const longer = new Uint8Array(2 * (this.#length + bytes));
    longer.set(this.written());
    this.#bytes = longer;
    this.#view = new DataView(longer.buffer);
  }
}

/**
 * Reads what `ByteWriter` wrote. It never throws and never reads past the end: the first thing that cannot be read is
 * remembered in `fault`, and from there on every read answers 0 or empty text. Loops over counts that were read must be
 * bounded by `remaining`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #fault: string | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The first thing that was wrong, with its place, or null. */
  get fault(): string | null {
    return this.#fault;
  }

  get remaining(): number {
    return this.#fault === null ? this.#bytes.length - this.#at : 0;
  }

  byte(): number {
    return this.#has(1) ? this.#bytes[this.#at++]! : 0;
  }

  unsigned(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : this.fail('a number is too large');
      unit *= 0x80;
    }
    return this.fail('a number is too long');
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  float64(): number {
    if (!this.#has(8)) return 0;
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  text(): string {
    const length = this.unsigned();
    if (!this.#has(length)) return '';
    this.#at += length;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.#bytes.subarray(this.#at - length, this.#at),
      );
    } catch {
      this.fail('text is not UTF-8');
      return '';
    }
  }

  /** Remembers a fault, unless there was one before. Answers 0. */
  fail(what: string): 0 {
    this.#fault ??= `${what} at byte ${this.#at}`;
    return 0;
  }

  #has(bytes: number): boolean {
    if (this.#fault === null && this.#at + bytes <= this.#bytes.length) return true;
    this.fail('the bytes end too early');
    return false;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** CRC-32 as in ISO 3309 and zip files: finds every change of one or two bits, and any burst of up to 32. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
