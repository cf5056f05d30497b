#!/usr/bin/env node
import { VERSION } from '../../adapters/node/version.ts';
import { asLines, reportCrashes } from '../wiring/log/report-crashes.ts';
import { processOutput, type Output } from './output.ts';

/** A command answers with the process's exit code: 0 done, 1 not possible, 2 not understood. */
type Command = (args: readonly string[], output: Output) => Promise<number>;

/** Each is loaded when it is called: most of a short command's time would be the loading of the others. */
const COMMANDS: Readonly<Record<string, { readonly load: () => Promise<Command>; readonly summary: string }>> = {
  analyze: {
    load: async () => (await import('./commands/analyze.ts')).analyzeCommand,
    summary: 'analyse an Apple Health export or minute-level activity counts',
  },
  models: {
    load: async () => (await import('./commands/models.ts')).modelsCommand,
    summary: 'install, list and verify the weights of the PAT encoder',
  },
  heads: {
    load: async () => (await import('./commands/heads.ts')).headsCommand,
    summary: 'train, install, list and verify heads on the encoder',
  },
  populations: {
    load: async () => (await import('./commands/populations.ts')).populationsCommand,
    summary: 'install and make reference populations',
  },
  doctor: {
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
    summary: 'check an environment before a start',
  },
  'go-no-go': {
    load: async () => (await import('./commands/go-no-go.ts')).goNoGoCommand,
    summary: 'say whether a phase of a release may be followed by the next',
  },
  migrate: {
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
    summary: "copy people's data from one storage profile to another, and prove it",
  },
  export: {
    load: async () => (await import('./commands/export.ts')).exportCommand,
    summary: 'write a zip of everything that is kept of a person',
  },
  import: {
    load: async () => (await import('./commands/import.ts')).importCommand,
    summary: 'bring such a zip into an account',
  },
  audit: {
    load: async () => (await import('./commands/audit.ts')).auditCommand,
    summary: 'check that the audit log is as it was written',
  },
  keys: {
    load: async () => (await import('./commands/keys.ts')).keysCommand,
    summary: 'change the master key of an installation, and see which keys it has',
  },
  users: {
    load: async () => (await import('./commands/users.ts')).usersCommand,
    summary: 'give people roles, and take them; take away a second factor that was lost',
  },
  simulate: {
    load: async () => (await import('./commands/simulate.ts')).simulateCommand,
    summary: 'write the recording of a simulated person',
  },
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
  if (name === '--version' || name === '-v') {
    output.out(VERSION);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    output.note(`clarity: there is no command "${name}".`);
    usage(output);
    return 2;
  }
  return (await command.load())(rest, output);
}

reportCrashes(asLines);

// A reader that has seen enough (`clarity analyze … | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), processOutput);
