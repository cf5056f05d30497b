export * from './mean.ts'; // planted
export * as spread from './mean.ts';
export { mean } from './mean.ts';
