import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { ImportStep, ImportError } from './import-step.ts';
import type { ImportedKind } from './model.ts';
import { readLines, type ReadLine } from './read-lines.ts';
import { faultOf, type VerifiedFile } from './verified-archive.ts';

/** Why a line is set aside. */
const LINE_FAULTS = {
  'too-long': 'a line is longer than any that is read',
  'not-utf8': 'a line is not UTF-8 text',
  'not-json': 'a line is not JSON',
} as const;

/** How the lines of one kind are read. */
export interface LineImport<T> {
  readonly kind: ImportedKind;
  readonly longestBytes: number;
  readonly read: (value: unknown) => Result<T, string>;
  /** Takes one usable line; an error ends the import. `place` is where it is, such as `metrics.ndjson, line 3`. */
  readonly take: (item: T, line: ReadLine, place: string) => Promise<Result<void, ImportError>>;
}

/** Goes through the lines of the files; what is no usable line is set aside. */
export function eachLine<T>(
  { tally }: ImportStep,
  files: readonly VerifiedFile[],
  { kind, longestBytes, read, take }: LineImport<T>,
): ResultAsync<void, ImportError> {
  const work = async (): Promise<Result<void, ImportError>> => {
    for (const file of files) {
      for await (const line of readLines(file.content(), longestBytes)) {
        const place = `${file.name}, line ${String(line.number)}`;
        if (line.fault !== null) {
          tally.setAside(kind, { code: line.fault, message: LINE_FAULTS[line.fault] }, place);
          continue;
        }
        const item = read(line.value);
        if (item.isErr()) {
          tally.setAside(kind, { code: 'not-usable', message: item.error }, place);
          continue;
        }
        const taken = await take(item.value, line, place);
        if (taken.isErr()) return err(taken.error);
      }
    }
    return ok(undefined);
  };
  return ResultAsync.fromPromise(work(), faultOf).andThen((done) => done);
}
