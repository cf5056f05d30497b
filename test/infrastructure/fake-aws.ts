import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the fake says to calls that begin with these words; the first that fits is taken. */
export interface Answer {
  readonly to: string;
  /** The last is said for ever. Text goes out as it is, other values as JSON. */
  readonly says?: readonly unknown[];
  readonly exit?: number;
  /** What goes to the standard error. */
  readonly complains?: string;
}

/** In bash, since hundreds of them are started. Answers are files beside it: N.to, N.exit, N.complains, and N.says.0 and so on. */
const PROGRAM = `#!/usr/bin/env bash
here=$(dirname "\${BASH_SOURCE[0]}")
line="$*"
printf '%s\\n' "\${line//$'\\n'/ }" >>"$here/calls"
n=0
while [ -e "$here/$n.to" ]; do
  if [[ $line == "$(<"$here/$n.to")"* ]]; then
    turn=0
    [ -e "$here/$n.turn" ] && turn=$(<"$here/$n.turn")
    [ -e "$here/$n.says.$((turn + 1))" ] && echo $((turn + 1)) >"$here/$n.turn"
    code=$(<"$here/$n.exit")
    cat "$here/$n.complains" >&2
    # aws s3 cp SOURCE TARGET writes a file.
    if [ "$1 $2" = 's3 cp' ] && [ "$code" = 0 ]; then cp "$here/$n.says.$turn" "$4"; else printf '%s' "$(<"$here/$n.says.$turn")"; fi
    exit "$code"
  fi
  n=$((n + 1))
done
echo "the fake has no answer to: $line" >&2
exit 64
`;

export interface Ended {
  readonly code: number | null;
  readonly said: string;
  /** The words of each call of aws, in order. */
  readonly calls: readonly string[];
}

/** Runs a script of the repository from a folder of its own, with an \`aws\` that records what it is asked. */
export function runScript(
  script: string,
  args: readonly string[],
  answers: readonly Answer[],
  environment: Readonly<Record<string, string>> = {},
): Ended {
  const folder = mkdtempSync(path.join(tmpdir(), 'clarity-aws-'));
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'aws'), PROGRAM);
  chmodSync(path.join(bin, 'aws'), 0o755);
  for (const [i, { to, says = [''], exit = 0, complains = '' }] of answers.entries()) {
    writeFileSync(path.join(bin, `${i}.to`), to);
    writeFileSync(path.join(bin, `${i}.exit`), String(exit));
    writeFileSync(path.join(bin, `${i}.complains`), complains === '' ? '' : `${complains}\n`);
    for (const [turn, said] of says.entries()) {
      writeFileSync(path.join(bin, `${i}.says.${turn}`), typeof said === 'string' ? said : JSON.stringify(said));
    }
  }
  const { status, stdout, stderr } = spawnSync(path.join(root, 'scripts', script), [...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder, LOOK_SECONDS: '0', ...environment },
  });
  const calls = path.join(bin, 'calls');
  return {
    code: status,
    said: stdout + stderr,
    calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [],
  };
}
