/** What the operating system says of a failure, such as `ENOENT`; empty where it is another one. */
export const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
