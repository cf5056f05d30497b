import { parseArgs, type ParseArgsConfig } from 'node:util';
import { err, ok, type Result } from 'neverthrow';
import { localZone, parseIsoDate, type EpochDay, type LocalZone } from '../../core/kernel/local-time.ts';
import type { Output } from './output.ts';

/** What the person typed does not fit; the text says what would. */
export interface UsageError {
  readonly kind: 'usage';
  readonly message: string;
}

export const usageError = (message: string): UsageError => ({ kind: 'usage', message });

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/** Parses arguments, with the parser's complaint as a value. */
function parseArguments<const O extends Options>(args: readonly string[], options: O): Result<Parsed<O>, UsageError> {
  try {
    return ok(parseArgs({ args: [...args], options, allowPositionals: true, strict: true }));
  } catch (cause) {
    return err(usageError(cause instanceof Error ? (cause.message.split('. ')[0] ?? cause.message) : String(cause)));
  }
}

/** A command as the person types it, and how its arguments become a request. */
export interface CommandSyntax<O extends Options, Request> {
  readonly name: string;
  readonly usage: string;
  readonly options: O;
  readonly read: (values: Parsed<O>['values'], positionals: readonly string[]) => Result<Request, UsageError>;
}

/** The request; or, when help was asked for or the arguments do not fit, what to say was said and this is the exit code. */
export function requestOf<const O extends Options & { readonly help: { readonly type: 'boolean' } }, Request>(
  syntax: CommandSyntax<O, Request>,
  args: readonly string[],
  output: Output,
): Result<Request, number> {
  const parsed = parseArguments(args, syntax.options);
  if (parsed.isOk() && (parsed.value.values as { readonly help?: boolean }).help === true) {
    output.out(syntax.usage);
    return err(0);
  }
  return parsed
    .andThen(({ values, positionals }) => syntax.read(values, positionals))
    .mapErr(({ message }) => {
      output.note(`clarity ${syntax.name}: ${message}`);
      output.note(syntax.usage);
      return 2;
    });
}

export function zoneArgument(name: string | undefined): Result<LocalZone | null, UsageError> {
  if (name === undefined) return ok(null);
  return localZone(name).mapErr(() =>
    usageError(`--timezone ${name} is not known; expected an IANA name such as Europe/Berlin, or UTC+01:00`),
  );
}

export function dateArgument(option: string, text: string | undefined): Result<EpochDay | null, UsageError> {
  if (text === undefined) return ok(null);
  const day = parseIsoDate(text);
  return day === null ? err(usageError(`${option} ${text} is not a date; expected YYYY-MM-DD`)) : ok(day);
}

export function wholeNumberArgument(
  option: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): Result<number, UsageError> {
  if (text === undefined) return ok(otherwise);
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most
    ? ok(value)
    : err(usageError(`${option} ${text}: expected a whole number from ${String(least)} to ${String(most)}`));
}
