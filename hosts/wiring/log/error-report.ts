import { operatorWords } from './operator-words.ts';

/** What a log or a terminal is told of an error: where it happened, and words that hold nothing of anybody's. */
export interface ErrorReport {
  readonly type: string;
  readonly code?: string;
  /** Such as the status of an HTTP or SMTP answer. */
  readonly status?: number;
  readonly message: string;
  /** Functions and places in the code, the innermost first. */
  readonly stack: readonly string[];
  readonly cause?: ErrorReport;
  readonly errors?: readonly ErrorReport[];
}

const MOST_CAUSES = 5;
const MOST_ERRORS = 5;
const MOST_FRAMES = 15;

/** An error reduced to what may be written down. Its properties, and values in its message, are left out. */
export const errorReport = (thrown: unknown): ErrorReport => reportOf(thrown, MOST_CAUSES);

function reportOf(thrown: unknown, causesLeft: number): ErrorReport {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: textOf(thrown), stack: [] };
  const { code, status, statusCode, responseCode, cause, errors } = thrown as Error &
    Readonly<Record<'code' | 'status' | 'statusCode' | 'responseCode' | 'errors', unknown>>;
  const shownCode = typeof code === 'string' && CODE.test(code) ? { code } : {};
  const shownStatus = [status, statusCode, responseCode].find(isStatus);
  return {
    type: NAME.test(thrown.name) ? thrown.name : 'Error',
    ...shownCode,
    ...(shownStatus === undefined ? {} : { status: shownStatus }),
    message: operatorWords(thrown.message),
    stack: framesOf(thrown.stack ?? ''),
    ...(cause === undefined || causesLeft === 0 ? {} : { cause: reportOf(cause, causesLeft - 1) }),
    ...(Array.isArray(errors) && causesLeft > 0
      ? { errors: errors.slice(0, MOST_ERRORS).map((error) => reportOf(error, causesLeft - 1)) }
      : {}),
  };
}

const NAME = /^[A-Z][A-Za-z0-9]{0,60}$/;
const CODE = /^(?:E[A-Z0-9]{2,20}|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+){1,8})$/;

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;

const textOf = (thrown: unknown): string => (typeof thrown === 'string' ? operatorWords(thrown) : '…');

/** `at name (place)` and `at place`. */
const FRAME = /^ {4}at (?:(?<name>(?:async |new )?[\w$.<>#]+(?: \[as [\w$.#]+\])?) \()?(?<place>[^()]+:\d+:\d+)\)?$/;

/** Places are told from the folder of the code on, so that nothing of the machine is in them. */
const CODE_FOLDER =
  /(?:^|[/\\])(?<inside>(?:node:|(?:core|adapters|contracts|hosts|node_modules)[/\\])[\w@./\\+-]+:\d+:\d+)$/;

function framesOf(stack: string): string[] {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = FRAME.exec(line)?.groups;
    if (frame === undefined) continue;
    const inside = CODE_FOLDER.exec(frame['place'] ?? '')?.groups?.['inside'];
    frames.push(`${frame['name'] ?? 'anonymous'} (${inside ?? 'elsewhere'})`);
    if (frames.length === MOST_FRAMES) break;
  }
  return frames;
}

/** The same in lines for the person at a terminal. */
export function errorReportLines({ type, code, message, stack, cause }: ErrorReport): readonly string[] {
  return [
    `${type}${code === undefined ? '' : ` ${code}`}: ${message}`,
    ...stack.map((frame) => `    at ${frame}`),
    ...(cause === undefined
      ? []
      : errorReportLines(cause).map((line, i) => (i === 0 ? `  caused by ${line}` : `  ${line}`))),
  ];
}
