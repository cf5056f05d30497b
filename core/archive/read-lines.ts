import { joinedBytes } from '../kernel/joined-bytes.ts';

const NEWLINE = 10;

/** One line of an NDJSON file. */
export interface ReadLine {
  /** From 1 on. */
  readonly number: number;
  readonly bytes: number;
  /** The value it holds; undefined where `fault` says why it holds none. */
  readonly value: unknown;
  readonly fault: 'too-long' | 'not-utf8' | 'not-json' | null;
}

/**
 * The lines of NDJSON text, one after the other; empty ones are left out. No more than one line is kept: of one longer
 * than `longestBytes` only that it was there.
 */
export async function* readLines(content: AsyncIterable<Uint8Array>, longestBytes: number): AsyncGenerator<ReadLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 0;
  const lineOf = (): ReadLine | null => {
    number++;
    const bytes = heldBytes;
    const parts = held;
    held = [];
    heldBytes = 0;
    if (bytes === 0) return null;
    if (bytes > longestBytes) return { number, bytes, value: undefined, fault: 'too-long' };
    return { number, bytes, ...valueOf(decoder, parts.length === 1 ? parts[0]! : joinedBytes(parts)) };
  };
  const hold = (part: Uint8Array): void => {
    if (part.length === 0) return;
    heldBytes += part.length;
    if (heldBytes > longestBytes) held = [];
    else held.push(part);
  };
  for await (const chunk of content) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      const line = lineOf();
      if (line !== null) yield line;
    }
    hold(chunk.subarray(from));
  }
  const last = lineOf();
  if (last !== null) yield last;
}

function valueOf(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): Pick<ReadLine, 'value' | 'fault'> {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { value: undefined, fault: 'not-utf8' };
  }
  try {
    return { value: JSON.parse(text) as unknown, fault: null };
  } catch {
    return { value: undefined, fault: 'not-json' };
  }
}
