import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { fileByteSource } from '../../../adapters/filesystem/byte-source.ts';
import { HtmlReportRenderer } from '../../../adapters/html-report/html-report-renderer.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import type { ModelPorts } from '../../../core/analysis/model-results.ts';
import { NON_WEAR_RULES, type AnalysedRecording } from '../../../core/analysis/recording.ts';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { MOST_ENCODED_DAYS } from '../../../core/pat/prepare-week.ts';
import { analysisTable } from '../analysis-table.ts';
import { notAnalysed, type AnalyzeRequest, type NotAnalysed, type Reporting } from '../analysis-request.ts';
import { analyzeCountsFile } from '../analyze-counts-file.ts';
import { analyzeExportFile } from '../analyze-export-file.ts';
import {
  dateArgument,
  requestOf,
  usageError,
  wholeNumberArgument,
  zoneArgument,
  type UsageError,
} from '../arguments.ts';
import { MODEL_OPTIONS, MODEL_USAGE, modelChoice, openLocalModel } from '../local-model.ts';
import { progressBar, type Output } from '../output.ts';

const USAGE = `Usage: clarity analyze FILE [options]

  FILE              an Apple Health export.zip or export.xml, or a counts.csv (timestamp,count a minute)
  --timezone ZONE   the zone of local days, such as Europe/Berlin (default: what the file says, else UTC)
  --from DATE       first local day, YYYY-MM-DD (default: the whole recording; of an export, its last 28 days with data)
  --to DATE         last local day
  --non-wear RULE   for counts: none, choi or troiano (default none: both rules call quiet nights non-wear)
  --encode-days N   how many days the encoder is given, 1 to 14 (default 7, or all where there are fewer)
${MODEL_USAGE}
  --report FILE     write the analysis as a page to look at
  --json            print the clarity.analysis/1 document instead of a table`;

const OPTIONS = {
  timezone: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'non-wear': { type: 'string' },
  'encode-days': { type: 'string' },
  ...MODEL_OPTIONS,
  report: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const SYNTAX = { name: 'analyze', usage: USAGE, options: OPTIONS, read: readRequest };

/** Analyses one file on this machine, without a server. */
export async function analyzeCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const notes: string[] = [];
  const reporting: Reporting = {
    note: (line) => notes.push(line),
    progress: (fraction, label) => output.progress?.(progressBar(fraction, label)),
  };
  const local = openLocalModel(request.value.modelChoice);
  const loaded = await local.model.describe();
  if (loaded.isErr()) {
    output.note(`clarity analyze: the model folder cannot be read (${loaded.error.cause})`);
    return 1;
  }
  const analysed = await analyzeFile(request.value, local, reporting);
  await local.model.close();
  output.progress?.('');
  for (const line of notes) output.note(line);
  if (analysed.isErr()) {
    output.note(`clarity analyze: ${analysed.error.message}`);
    return 1;
  }
  return present(analysed.value, request.value, output);
}

type Values = Readonly<{
  timezone?: string;
  from?: string;
  to?: string;
  'non-wear'?: string;
  'encode-days'?: string;
  model?: string;
  engine?: string;
  report?: string;
  json?: boolean;
}>;

function readRequest(values: Values, positionals: readonly string[]): Result<AnalyzeRequest, UsageError> {
  const [file, ...more] = positionals;
  if (file === undefined) return err(usageError('which file?'));
  if (more.length > 0) return err(usageError('one file at a time, please'));
  const nonWear = NON_WEAR_RULES.find((rule) => rule === (values['non-wear'] ?? 'none'));
  if (nonWear === undefined) return err(usageError(`--non-wear: expected ${NON_WEAR_RULES.join(', ')}`));
  return zoneArgument(values.timezone).andThen((zone) =>
    dateArgument('--from', values.from).andThen((firstDay) =>
      dateArgument('--to', values.to).andThen((lastDay) =>
        firstDay !== null && lastDay !== null && lastDay < firstDay
          ? err(usageError('--to lies before --from'))
          : encodedDays(values['encode-days']).andThen((days) =>
              modelChoice(values, process.env).map((choice) => ({
                file,
                zone,
                firstDay,
                lastDay,
                nonWear,
                encodedDays: days,
                modelChoice: choice,
                report: values.report ?? null,
                json: values.json === true,
              })),
            ),
      ),
    ),
  );
}

const encodedDays = (text: string | undefined): Result<number | null, UsageError> =>
  text === undefined ? ok(null) : wholeNumberArgument('--encode-days', text, 0, 1, MOST_ENCODED_DAYS);

function analyzeFile(
  request: AnalyzeRequest,
  ports: ModelPorts,
  reporting: Reporting,
): ResultAsync<AnalysedRecording, NotAnalysed> {
  return fileByteSource(request.file)
    .mapErr((error) => notAnalysed(`${request.file} cannot be read (${error.cause})`))
    .andThen((file) =>
      file.sizeBytes === 0
        ? errAsync(notAnalysed(`${request.file} is empty`))
        : firstBytes(file).andThen((head) => {
            const isExport = looksLikeExport(head);
            return sha256Of(file).andThen((sha256) =>
              isExport
                ? analyzeExportFile(file, sha256, request, ports, reporting)
                : analyzeCountsFile(file, sha256, path.basename(request.file), request, ports, reporting),
            );
          }),
    );
}

const readError = (cause: unknown): NotAnalysed => notAnalysed(`the file cannot be read (${String(cause)})`);

function firstBytes(file: ByteSource): ResultAsync<Uint8Array, NotAnalysed> {
  const read = async (): Promise<Uint8Array> => {
    const head: Uint8Array[] = [];
    for await (const chunk of file.stream({ start: 0, end: Math.min(64, file.sizeBytes) })) head.push(chunk);
    return Buffer.concat(head);
  };
  return ResultAsync.fromPromise(read(), readError);
}

/** A zip archive or XML; everything else is read as counts. */
function looksLikeExport(head: Uint8Array): boolean {
  if (head[0] === 0x50 && head[1] === 0x4b) return true;
  return new TextDecoder().decode(head).trimStart().startsWith('<');
}

function sha256Of(file: ByteSource): ResultAsync<string, NotAnalysed> {
  const hash = async (): Promise<string> => {
    const digest = createHash('sha256');
    for await (const chunk of file.stream()) digest.update(chunk);
    return digest.digest('hex');
  };
  return ResultAsync.fromPromise(hash(), readError);
}

async function present(analysed: AnalysedRecording, request: AnalyzeRequest, output: Output): Promise<number> {
  if (request.report !== null) {
    const page = new HtmlReportRenderer().render(analysed.document, analysed.grid, systemClock.now());
    try {
      await writeFile(request.report, page);
    } catch (cause) {
      output.note(`clarity analyze: ${request.report} could not be written (${String(cause)})`);
      return 1;
    }
  }
  output.out(request.json ? JSON.stringify(analysed.document) : analysisTable(analysed.document));
  if (request.report !== null) output.note(`The report is in ${request.report}`);
  return 0;
}
