import type { Result } from 'neverthrow';
import type { ExportUnreadable } from '../../core/health-data/ports.ts';

/** What an export may at most expand to. */
export interface ExportLimits {
  readonly maxXmlBytes: number;
  /** Expanded bytes to compressed bytes. */
  readonly maxRatio: number;
}

/** The bytes are not the ones that were written; `place` is where they end or where that was found. */
export interface Damage {
  readonly kind: 'damaged';
  /** The notice's code: the rest is missing, or all is there but something in it is wrong. */
  readonly code: 'truncated' | 'checksum-mismatch';
  readonly message: string;
  readonly place: string;
}

/** Why no more bytes come. */
export type XmlFault = Damage | { readonly kind: 'source-failed'; readonly cause: unknown } | ExportUnreadable;

/** An XML document inside of an uploaded file. */
export interface XmlSource {
  /** How the document is called in messages. */
  readonly name: string;
  /** Size that the file claims for it. */
  readonly bytesTotal: number;
  /** The bytes in order; an error is the last item. */
  chunks(): AsyncIterable<Result<Uint8Array, XmlFault>>;
}

export function unreadable(code: ExportUnreadable['code'], message: string, place: string): ExportUnreadable {
  return { kind: 'export-unreadable', code, message, place };
}

const GIBIBYTE = 1024 ** 3;

export function tooLarge(limits: ExportLimits, place: string): ExportUnreadable {
  const limit = `${String(Math.round((limits.maxXmlBytes / GIBIBYTE) * 1000) / 1000)} GiB`;
  return unreadable('too-large', `The export holds more than the ${limit} of XML that are read.`, place);
}
