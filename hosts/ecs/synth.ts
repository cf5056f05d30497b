import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readDeployment } from './deployment.ts';
import { stacksOf } from './stacks.ts';

const [file = path.join(import.meta.dirname, 'deployments/new-account.json'), outdir = 'cdk.out'] = process.argv.slice(2);
const deployment = readDeployment(JSON.parse(readFileSync(file, 'utf8')));
if (deployment.isErr()) {
  process.stderr.write(`${file} describes no deployment:\n${deployment.error.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
} else {
  const { directory, stacks } = stacksOf(deployment.value, path.resolve(outdir)).app.synth();
  process.stdout.write(`${stacks.map(({ stackName }) => stackName).join(', ')} written to ${directory}\n`);
}
