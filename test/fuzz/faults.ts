import { spawn } from 'node:child_process';

/** Every fault at every call of every port in every journey, where the tests try half of them. */
export async function wholeFaultMatrix(): Promise<{ readonly divergences: number }> {
  const args = [
    '--import',
    'tsx',
    'node_modules/uvu/bin.js',
    'test',
    '^(?:faults/|integration/aws/.*faults).*\\.test\\.ts$',
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, FAULT_CELLS: 'all' } });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { divergences: code === 0 ? 0 : 1 };
}
