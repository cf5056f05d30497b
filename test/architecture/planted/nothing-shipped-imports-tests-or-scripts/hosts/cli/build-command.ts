import { build } from '../../scripts/build.ts'; // planted

export const run = build;
