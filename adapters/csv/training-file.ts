import { createHash } from 'node:crypto';
import { err, ok, type Result } from 'neverthrow';
import type { ImportNotice } from '../../core/health-data/model.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { CsvRowProblem } from './csv-rows.ts';
import { textDecoderInPieces } from './text-of-bytes.ts';

/** The file cannot be used to train on. */
export interface TrainingFileUnreadable {
  readonly kind: 'csv-unreadable';
  readonly code:
    | 'empty-file'
    | 'binary-file'
    | 'missing-columns'
    | 'duplicate-columns'
    | 'duplicate-rows'
    | 'unclosed-quote'
    | 'row-too-long'
    | 'too-many-rows'
    | 'no-usable-row';
  readonly message: string;
  /** Such as `line 1`. */
  readonly place: string;
}

export const unreadable = (
  code: TrainingFileUnreadable['code'],
  message: string,
  line: number,
): TrainingFileUnreadable => ({ kind: 'csv-unreadable', code, message, place: `line ${String(line)}` });

/** What the cutting into rows came upon, in words. */
export const brokenRow = ({ code, line }: CsvRowProblem, mostCharacters: number): TrainingFileUnreadable =>
  unreadable(
    code,
    code === 'unclosed-quote'
      ? 'A quote that opens in this row is never closed.'
      : `This row is longer than ${String(mostCharacters)} characters; perhaps a quote is never closed.`,
    line,
  );

/** Takes a file's text piece by piece; a problem ends the reading. */
export interface TextTaker {
  push(text: string): TrainingFileUnreadable | null;
  end(): TrainingFileUnreadable | null;
}

/** Which file was read. */
export interface FileRead {
  /** Lower-case hexadecimal, of the file's bytes. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Feeds the file's text to the taker until it ends or a problem stops it. */
export async function readTrainingFile(
  file: ByteSource,
  taker: TextTaker,
): Promise<Result<FileRead, TrainingFileUnreadable | PortUnavailable>> {
  const decoder = textDecoderInPieces();
  const hash = createHash('sha256');
  let bytes = 0;
  let problem: TrainingFileUnreadable | null = null;
  const take = (text: string | null): TrainingFileUnreadable | null =>
    text === null ? unreadable('binary-file', 'The file is not text.', 1) : taker.push(text);
  try {
    for await (const piece of file.stream()) {
      bytes += piece.length;
      hash.update(piece);
      problem = take(decoder.decode(piece));
      // Leaving the loop closes the source.
      if (problem !== null) break;
    }
  } catch (cause) {
    // What is wrong with the content says more than a failing close.
    if (problem === null) return err(portUnavailable('ByteSource', 'stream', cause));
  }
  problem ??= take(decoder.end()) ?? taker.end();
  return problem === null ? ok({ sha256: hash.digest('hex'), bytes }) : err(problem);
}

/** Nothing of the file can be used: why the first of its rows cannot. */
export function noUsableRow(rows: number, notices: readonly ImportNotice[]): TrainingFileUnreadable {
  const [first] = notices;
  if (first === undefined) return unreadable('no-usable-row', 'The file has a header but no rows.', 1);
  const message = `None of the ${String(rows)} rows can be used; ${String(first.count)}: ${first.message}.`;
  return { ...unreadable('no-usable-row', message, 1), place: first.firstAt ?? 'line 1' };
}
