import { TextDecoder } from 'node:util';

/** Turns the bytes of a text file into text, piece by piece. */
export interface TextDecoderInPieces {
  /** The text so far not handed out; null when the bytes are not text. */
  decode(bytes: Uint8Array): string | null;
  /** The rest; null when the bytes are not text. */
  end(): string | null;
}

/** So many bytes decide about the encoding and whether this is text at all. */
const SNIFFED_BYTES = 4096;

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark (spreadsheets' "Unicode text"); the mark is dropped. Bytes that are not
 * valid become U+FFFD. A file with a NUL character near its beginning, or that begins like a zip or gzip archive, is not
 * text.
 */
export function textDecoderInPieces(): TextDecoderInPieces {
  let head: Uint8Array | null = new Uint8Array(0);
  let decoder: TextDecoder | null = null;

  const decideBy = (first: Uint8Array, stream: boolean): string | null => {
    if (isArchive(first)) return null;
    decoder = new TextDecoder(encodingOf(first));
    const text = decoder.decode(first, { stream });
    head = null;
    return text.slice(0, SNIFFED_BYTES).includes('\u0000') ? null : text;
  };

  return {
    decode(bytes) {
      if (head === null || decoder !== null) return (decoder as TextDecoder).decode(bytes, { stream: true });
      const joined = new Uint8Array(head.length + bytes.length);
      joined.set(head);
      joined.set(bytes, head.length);
      head = joined;
      return joined.length < SNIFFED_BYTES ? '' : decideBy(joined, true);
    },
    end: () => (decoder === null ? decideBy(head ?? new Uint8Array(0), false) : decoder.decode()),
  };
}

function encodingOf(first: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function isArchive(first: Uint8Array): boolean {
  const zip = first[0] === 0x50 && first[1] === 0x4b && (first[2] ?? 0) < 0x09;
  const gzip = first[0] === 0x1f && first[1] === 0x8b;
  return zip || gzip;
}
