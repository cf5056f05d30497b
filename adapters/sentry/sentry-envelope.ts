/** An error in words that anybody may read; who makes one has left out all else. */
export interface DescribedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  /** `function (place:line:column)`, the innermost first. */
  readonly stack: readonly string[];
  readonly cause?: DescribedError;
}

/** What is reported of an error. */
export interface ReportedError {
  /** A UUID. */
  readonly id: string;
  readonly atMs: number;
  readonly level: 'error' | 'fatal';
  readonly error: DescribedError;
  readonly tags: Readonly<Record<string, string>>;
}

/** Which program reports. */
export interface ReportingProgram {
  readonly version: string;
  readonly environment: string;
}

/** One envelope with one event in it, as it goes over the wire: a header, the item's header, and the item, a line each. */
export function envelopeOf(report: ReportedError, { version, environment }: ReportingProgram): string {
  const eventId = report.id.replaceAll('-', '');
  const event = JSON.stringify({
    event_id: eventId,
    timestamp: report.atMs / 1000,
    platform: 'node',
    level: report.level,
    logger: 'clarity',
    release: `clarity@${version}`,
    environment,
    tags: report.tags,
    exception: { values: chainOf(report.error).map(exceptionOf) },
  });
  return [
    JSON.stringify({ event_id: eventId, sent_at: new Date(report.atMs).toISOString() }),
    JSON.stringify({ type: 'event', content_type: 'application/json', length: Buffer.byteLength(event) }),
    event,
    '',
  ].join('\n');
}

/** The error and its causes; what came first is first. */
function chainOf(error: DescribedError): readonly DescribedError[] {
  return error.cause === undefined ? [error] : [...chainOf(error.cause), error];
}

const exceptionOf = ({ type, code, message, stack }: DescribedError) => ({
  type,
  value: code === undefined ? message : `${code}: ${message}`,
  // Sentry wants the innermost function last.
  stacktrace: { frames: stack.map(frameOf).reverse() },
});

const FRAME = /^(?<name>.+) \((?<place>.+?)(?::(?<line>\d+):(?<column>\d+))?\)$/;

function frameOf(text: string) {
  const { name = text, place = 'elsewhere', line, column } = FRAME.exec(text)?.groups ?? {};
  return {
    function: name,
    filename: place,
    ...(line === undefined ? {} : { lineno: Number(line), colno: Number(column) }),
    in_app: /^(?:core|adapters|contracts|hosts)[/\\]/.test(place),
  };
}
