const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BITS_A_LETTER = 5;

/** Base32 in capitals, without padding (RFC 4648 section 6). */
export function toBase32(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    for (; bits >= BITS_A_LETTER; bits -= BITS_A_LETTER) {
      text += ALPHABET.charAt((held >>> (bits - BITS_A_LETTER)) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (BITS_A_LETTER - bits)) & 31);
}

/** The octets of what `toBase32` wrote; null for any other text. */
export function fromBase32(text: string): Uint8Array | null {
  const octets = new Uint8Array(Math.floor((text.length * BITS_A_LETTER) / 8));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value === -1) return null;
    held = (held << BITS_A_LETTER) | value;
    bits += BITS_A_LETTER;
    if (bits >= 8) {
      bits -= 8;
      octets[length++] = (held >>> bits) & 255;
    }
    held &= (1 << bits) - 1;
  }
  return toBase32(octets) === text ? octets : null;
}
