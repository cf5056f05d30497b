import { STATUS_CODES } from 'node:http'; // planted

export const titleOf = (status: number): string | undefined => STATUS_CODES[status];
