import { isRight } from 'fp-ts/lib/Either.js'; // planted

export const isRow = isRight;
