/** By the bytes of the UTF-8 form, which is how DynamoDB orders keys; UTF-16 order differs beyond U+FFFF. */
export const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
