import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readDeployment } from './deployment.ts';
import { stacksOf } from './stacks.ts';
import { TASK_ACTIONS } from './task-actions.ts';
import { taskDefinitionOf } from './task-definition.ts';

const [file = path.join(import.meta.dirname, 'deployments/new-account.json'), outdir = 'cdk.out'] =
  process.argv.slice(2);
const deployment = readDeployment(JSON.parse(readFileSync(file, 'utf8')));
if (deployment.isErr()) {
  process.stderr.write(`${file} describes no deployment:\n${deployment.error.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
} else {
  const { app, service } = stacksOf(deployment.value, path.resolve(outdir));
  const assembly = app.synth();
  const { Resources } = assembly.getStackByName(service.stackName).template as {
    Resources: Parameters<typeof taskDefinitionOf>[0];
  };
  const write = (name: string, content: unknown): void => {
    writeFileSync(path.join(assembly.directory, name), `${JSON.stringify(content, null, 2)}\n`);
  };
  write('task-definition.json', taskDefinitionOf(Resources, `${deployment.value.name}-backend`, 'web'));
  write('task-definition-worker.json', taskDefinitionOf(Resources, `${deployment.value.name}-worker`, 'worker'));
  write('task-actions.json', TASK_ACTIONS);
  process.stdout.write(
    `${assembly.stacks.map(({ stackName }) => stackName).join(', ')} written to ${assembly.directory}\n`,
  );
}
