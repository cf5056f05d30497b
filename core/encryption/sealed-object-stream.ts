import { SEGMENT_BYTES } from './object-layout.ts';
import type { SegmentSealer } from './ports.ts';

/** So many segments are handed on at once: most of what a small part costs is the handing on. */
const SEGMENTS_A_PART = 4;

/** The stored form of a stream, part by part; no more of it is in memory than a few segments. */
export async function* sealedStream(
  content: AsyncIterable<Uint8Array>,
  sealer: SegmentSealer,
): AsyncGenerator<Uint8Array, void, undefined> {
  const segment = new Uint8Array(SEGMENT_BYTES);
  let filled = 0;
  let index = 0;
  let sealed: Uint8Array[] = [sealer.header];
  for await (const part of content) {
    for (let from = 0; from < part.length;) {
      // Only when more follows is it known that a full one is not the last.
      if (filled === SEGMENT_BYTES) {
        sealed.push(sealer.seal(index++, false, segment));
        filled = 0;
        if (sealed.length >= SEGMENTS_A_PART) {
          yield joined(sealed);
          sealed = [];
        }
      }
      const taken = Math.min(part.length - from, SEGMENT_BYTES - filled);
      segment.set(part.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
    }
  }
  sealed.push(sealer.seal(index, true, segment.subarray(0, filled)));
  yield joined(sealed);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
