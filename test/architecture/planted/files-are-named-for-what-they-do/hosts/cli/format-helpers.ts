export const indent = (text: string): string => `  ${text}`; // planted
