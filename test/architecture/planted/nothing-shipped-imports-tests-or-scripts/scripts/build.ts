export const build = (): void => undefined;
