import { ok, type Result } from 'neverthrow';

export const region = (): Result<string, never> => ok(process.env['REGION'] ?? 'here'); // planted
export const report = (): Result<void, never> => ok(console.log('read')); // planted
export const encoded = (): Result<Uint8Array, never> => ok(Buffer.from('settings')); // planted
export const later = (next: () => void): Result<unknown, never> => ok(setTimeout(next, 1)); // planted
export const remote = (): Result<Promise<unknown>, never> => ok(fetch('http://settings.invalid')); // planted
export const here = (): Result<string, never> => ok(import.meta.url); // planted
