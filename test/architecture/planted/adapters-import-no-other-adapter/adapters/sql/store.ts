import { remembered } from '../memory/store.ts'; // planted

export const stored = remembered;
