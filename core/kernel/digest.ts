/** SHA-256, provided by the host because the core does no I/O and imports no platform module. */
export interface Digest {
  /** Lower-case hexadecimal SHA-256 of the bytes, or of the UTF-8 form of the text. */
  sha256Hex(content: Uint8Array | string): string;
}
