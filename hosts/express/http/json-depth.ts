/** No operation takes anything that is nested half as deep. */
export const DEEPEST_JSON = 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Whether JSON text in UTF-8 nests arrays and objects deeper than so. Looks at each byte once and builds nothing: what
 * walks through parsed values, such as a codec, may go as deep as they do. Of text that is no JSON it says whatever.
 */
export function isDeeperThan(json: Uint8Array, most: number): boolean {
  let depth = 0;
  let isInText = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (isInText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (OPENING.has(byte)) {
      if (++depth > most) return true;
    } else if (CLOSING.has(byte)) depth--;
  }
  return false;
}
