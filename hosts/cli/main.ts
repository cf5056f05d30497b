#!/usr/bin/env node
import { analyzeCommand } from './commands/analyze.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { headsCommand } from './commands/heads.ts';
import { importCommand } from './commands/import.ts';
import { migrateCommand } from './commands/migrate.ts';
import { modelsCommand } from './commands/models.ts';
import { populationsCommand } from './commands/populations.ts';
import { simulateCommand } from './commands/simulate.ts';
import { processOutput, type Output } from './output.ts';

/** A command answers with the process's exit code: 0 done, 1 not possible, 2 not understood. */
type Command = (args: readonly string[], output: Output) => Promise<number>;

const COMMANDS: Readonly<Record<string, { readonly run: Command; readonly summary: string }>> = {
  analyze: { run: analyzeCommand, summary: 'analyse an Apple Health export or minute-level activity counts' },
  models: { run: modelsCommand, summary: 'install, list and verify the weights of the PAT encoder' },
  heads: { run: headsCommand, summary: 'train, install, list and verify heads on the encoder' },
  populations: { run: populationsCommand, summary: 'install and make reference populations' },
  doctor: { run: doctorCommand, summary: 'check an environment before a start' },
  migrate: { run: migrateCommand, summary: "copy people's data from one storage profile to another, and prove it" },
  export: { run: exportCommand, summary: 'write a zip of everything that is kept of a person' },
  import: { run: importCommand, summary: 'bring such a zip into an account' },
  simulate: { run: simulateCommand, summary: 'write the recording of a simulated person' },
};

function usage(output: Output): void {
  output.note('Usage: clarity <command> [options]');
  output.note('');
  for (const [name, { summary }] of Object.entries(COMMANDS)) output.note(`  ${name.padEnd(12)} ${summary}`);
  output.note('');
  output.note('clarity <command> --help tells the options of a command.');
}

async function main(args: readonly string[], output: Output): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    usage(output);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    output.note(`clarity: there is no command "${name}".`);
    usage(output);
    return 2;
  }
  return command.run(rest, output);
}

// A reader that has seen enough (`clarity analyze … | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), processOutput);
