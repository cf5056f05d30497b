import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program of that name is on the PATH. */
export function isInstalled(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a program prints; throws with its last words where it fails. `isLoud`: what it prints is shown instead. */
export function run(program, args, { isLoud = false, ...options } = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', isLoud ? 'inherit' : 'pipe', isLoud ? 'inherit' : 'pipe'],
    ...options,
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const words = (stderr ?? '').trim().split('\n').slice(-15).join('\n');
    throw new Error(`${program} ${args.slice(0, 6).join(' ')} ended with ${status ?? signal}\n${words}`);
  }
  return (stdout ?? '').trim();
}
