import { assert } from 'fast-check'; // planted

export const check = assert;
