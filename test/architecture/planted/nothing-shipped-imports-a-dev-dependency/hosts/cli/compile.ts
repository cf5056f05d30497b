import { version } from 'typescript'; // planted

export const compiler = version;
