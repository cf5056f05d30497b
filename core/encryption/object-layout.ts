/** So many bytes of an object are encrypted at once, and have to be read to read one of them. */
export const SEGMENT_BYTES = 65_536;
/** What encryption adds to a segment: its tag. */
const TAG_BYTES = 16;
/** A full segment, as it is stored. */
export const SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;

/** How a sealed object of a certain size is laid out: a header, full segments, and a last one. */
export interface ObjectLayout {
  readonly plainBytes: number;
  readonly segments: number;
  /** Where a segment lies among the stored bytes. */
  readonly placeOf: (index: number) => { readonly start: number; readonly end: number };
}

/** Null where no sealed object has this size. */
export function layoutOf(storedBytes: number, headerBytes: number): ObjectLayout | null {
  const body = storedBytes - headerBytes;
  const segments = Math.ceil(body / SEALED_SEGMENT_BYTES);
  const last = body - (segments - 1) * SEALED_SEGMENT_BYTES;
  // An empty object has one segment, and only then is one empty.
  if (segments < 1 || last < TAG_BYTES || (last === TAG_BYTES && segments > 1)) return null;
  return {
    plainBytes: body - segments * TAG_BYTES,
    segments,
    placeOf: (index) => {
      const start = headerBytes + index * SEALED_SEGMENT_BYTES;
      return { start, end: Math.min(start + SEALED_SEGMENT_BYTES, storedBytes) };
    },
  };
}
