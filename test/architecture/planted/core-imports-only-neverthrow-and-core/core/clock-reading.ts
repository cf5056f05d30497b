import { hrtime } from 'node:process'; // planted

export const nowNs = (): bigint => hrtime.bigint();
