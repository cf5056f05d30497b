import type { StreamDigest } from '../account/account-side.ts';
import type { FileKind, ManifestFile } from './model.ts';
import type { OutgoingFile } from './ports.ts';

/** Characters of lines that are handed on together. */
const PIECE_CHARACTERS = 65_536;

/** Makes the files of an archive, and keeps what the manifest says of each once it has been read to its end. */
export class OutgoingFiles {
  readonly #streamDigest: StreamDigest;
  readonly #written: ManifestFile[] = [];

  constructor(streamDigest: StreamDigest) {
    this.#streamDigest = streamDigest;
  }

  /** The files that were read to their end, in that order. */
  get written(): readonly ManifestFile[] {
    return this.#written;
  }

  /** A file of text; one without a kind, which is the manifest, is not listed. */
  text(name: string, kind: FileKind | null, text: string): OutgoingFile {
    return this.#file({ name, kind, key: null }, true, null, [new TextEncoder().encode(text)]);
  }

  /** A file with a line for each value. */
  lines(name: string, kind: FileKind, values: AsyncIterable<object> | readonly object[]): OutgoingFile {
    const count = { lines: 0 };
    return this.#file({ name, kind, key: null }, true, count, linesOf(values, count));
  }

  /** An object as it is. */
  raw(name: string, key: string, content: AsyncIterable<Uint8Array>): OutgoingFile {
    return this.#file({ name, kind: 'raw', key }, !name.endsWith('.zip'), null, content);
  }

  #file(
    facts: { readonly name: string; readonly kind: FileKind | null; readonly key: string | null },
    compressible: boolean,
    count: { readonly lines: number } | null,
    content: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  ): OutgoingFile {
    const { name, kind, key } = facts;
    const written = this.#written;
    const digest = this.#streamDigest.begin();
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      let bytes = 0;
      for await (const part of content) {
        bytes += part.length;
        digest.add(part);
        yield part;
      }
      if (kind === null) return;
      written.push({ name, kind, bytes, sha256: digest.sha256Hex(), lines: count?.lines ?? null, key });
    };
    return { name, compressible, content: measured() };
  }
}

async function* linesOf(
  values: AsyncIterable<object> | readonly object[],
  count: { lines: number },
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = '';
  for await (const value of values) {
    piece += `${JSON.stringify(value)}\n`;
    count.lines++;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(piece);
    piece = '';
  }
  if (piece !== '') yield encoder.encode(piece);
}
