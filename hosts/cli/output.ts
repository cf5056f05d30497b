/** Where a command writes; the process's streams in earnest. */
export interface Output {
  /** For results: one line, or a whole document. */
  readonly out: (line: string) => void;
  /** For everything that is not the result. */
  readonly note: (line: string) => void;
  /** A line that is overwritten by the next; only on a terminal. */
  readonly progress: ((line: string) => void) | null;
}

/** The process's own streams; progress only where a person is looking. */
export const processOutput: Output = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  note: (line) => {
    process.stderr.write(`${line}\n`);
  },
  progress: process.stderr.isTTY
    ? (line) => {
        process.stderr.write(`\r\u001b[2K${line}`);
      }
    : null,
};

const BAR_WIDTH = 30;

/** `[##########          ]  33 %  Reading`, for a fraction from 0 to 1. */
export function progressBar(fraction: number, label: string): string {
  const share = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(share * BAR_WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${percent} %  ${label}`;
}
