import * as t from 'io-ts'; // planted

export const Row = t.type({ timestamp: t.string });
