export const remembered: string[] = [];
