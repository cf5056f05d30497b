import { sample } from '../../test/fixtures/sample.ts'; // planted

export const samples = [sample];
