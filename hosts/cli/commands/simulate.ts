import { err, ok, type Result } from 'neverthrow';
import { writeExportXml, writeExportZip } from '../../../adapters/apple-export/write-export.ts';
import { writeCountsCsv } from '../../../adapters/csv/write-counts.ts';
import { localZone } from '../../../core/kernel/local-time.ts';
import { MOST_SIMULATED_DAYS } from '../../../core/simulation/life.ts';
import { DEFAULT_FIRST_DAY, DEFAULT_ZONE_NAME, simulatePerson } from '../../../core/simulation/simulate-person.ts';
import { dateArgument, requestOf, usageError, wholeNumberArgument, type UsageError } from '../arguments.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity simulate --out FILE [options]

  --out FILE        export.zip or .xml: an Apple-Health-shaped export; .csv: activity counts a minute
  --days N          how many local days (default 30)
  --seed N          another seed is another person; the same seed gives the same bytes (default 1)
  --start DATE      the first local day, YYYY-MM-DD (default 2025-01-06)
  --timezone ZONE   where the person lives (default ${DEFAULT_ZONE_NAME})`;

const OPTIONS = {
  out: { type: 'string' },
  days: { type: 'string' },
  seed: { type: 'string' },
  start: { type: 'string' },
  timezone: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const FORMATS = { zip: writeExportZip, xml: writeExportXml, csv: writeCountsCsv } as const;
type Format = keyof typeof FORMATS;

const SYNTAX = { name: 'simulate', usage: USAGE, options: OPTIONS, read: readRequest };

/** Writes what the devices of a simulated person recorded. */
export async function simulateCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { out, format, ...person } = request.value;
  const written = await FORMATS[format](simulatePerson(person), out);
  return written.match(
    (facts) => {
      output.note(
        `${out}: ${String(person.days)} days, ${facts.bytes.toLocaleString('en-US')} bytes, sha256 ${facts.sha256}`,
      );
      return 0;
    },
    (error) => {
      output.note(`clarity simulate: ${out} could not be written (${error.cause})`);
      return 1;
    },
  );
}

function readRequest(
  values: Readonly<Partial<Record<'out' | 'days' | 'seed' | 'start' | 'timezone', string>>>,
  positionals: readonly string[],
) {
  const { out } = values;
  if (positionals.length > 0) return err(usageError(`what is "${String(positionals[0])}"? The file goes to --out`));
  if (out === undefined) return err(usageError('--out is needed'));
  const format = formatOf(out);
  return format.andThen((known) =>
    wholeNumberArgument('--days', values.days, 30, 1, MOST_SIMULATED_DAYS).andThen((days) =>
      wholeNumberArgument('--seed', values.seed, 1, 0, Number.MAX_SAFE_INTEGER).andThen((seed) =>
        dateArgument('--start', values.start).andThen((start) =>
          localZone(values.timezone ?? DEFAULT_ZONE_NAME)
            .mapErr(() => usageError(`--timezone ${String(values.timezone)} is not known`))
            .map((zone) => ({ out, format: known, days, seed, zone, firstDay: start ?? DEFAULT_FIRST_DAY })),
        ),
      ),
    ),
  );
}

function formatOf(out: string): Result<Format, UsageError> {
  const extension = out.slice(out.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(FORMATS, extension)
    ? ok(extension as Format)
    : err(usageError(`--out ${out}: expected a name that ends in .zip, .xml or .csv`));
}
