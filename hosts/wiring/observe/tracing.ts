import { fieldsForTheLog } from '../log/log-fields.ts';

/** What may stand beside a span: the fields of the log, under the names that OpenTelemetry's conventions have for them. */
export type SpanFields = Readonly<Partial<Record<keyof typeof ATTRIBUTES, unknown>>>;

/** A part of the work that somebody waits for. */
export interface SpanStart {
  readonly kind: 'server' | 'consumer' | 'client' | 'internal';
  /** Words of the code; what is done, and never to whom. */
  readonly name: string;
  readonly fields: SpanFields;
  /** The caller's `traceparent` (https://www.w3.org/TR/trace-context/), where there is one. */
  readonly traceparent?: string | undefined;
}

/** How it ended. */
export interface SpanEnd {
  /** The kind of the error; null where there was none. */
  readonly failure: string | null;
  /** Instead of the name that it began with. */
  readonly name?: string;
  readonly fields?: SpanFields;
}

/** A span that has not ended. */
export interface OpenSpan {
  /** What is begun by the work, now or later, belongs to this span. */
  readonly run: <T>(work: () => T) => T;
  readonly end: (ended: SpanEnd) => void;
}

/** Tells how long what took, and what it was a part of. */
export interface Tracing {
  /** Begins a trace, or goes on with the caller's. */
  readonly root: (start: SpanStart) => OpenSpan;
  /** A part of the span in which it is begun; null where there is none, or it has as many parts as are told of. */
  readonly part: (start: SpanStart) => OpenSpan | null;
  /** Sends what was not sent yet, and ends. */
  readonly close: () => Promise<void>;
}

const UNTRACED: OpenSpan = { run: (work) => work(), end: () => undefined };

/** Nobody is told anything. */
export const NO_TRACING: Tracing = { root: () => UNTRACED, part: () => null, close: () => Promise.resolve() };

const ATTRIBUTES = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  request_id: 'clarity.request_id',
  port: 'clarity.port',
  operation: 'clarity.operation',
  adapter: 'clarity.adapter',
  job: 'clarity.job_id',
  attempt: 'clarity.job_attempt',
  code: 'clarity.code',
  engine: 'clarity.engine',
  model_size: 'clarity.model_size',
} as const;

const SPAN_NAME = /^[A-Za-z][A-Za-z0-9 ._/{}-]{0,200}$/;

/** What sends spans, as far as it is known here. */
export interface SpanSender {
  root(name: string, kind: SpanStart['kind'], attributes: Attributes, traceparent: string | undefined): SentSpan;
  part(name: string, kind: SpanStart['kind'], attributes: Attributes): SentSpan | null;
  close(): Promise<void>;
}

/** A span of a sender. */
export interface SentSpan {
  run<T>(work: () => T): T;
  end(failure: string | null, name: string | null, attributes: Attributes): void;
}

/** Names and values that go out. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Lets nothing out but what may be in the log, each in its shape: a span cannot say more of anybody than a line of the log.
 * Errors give their kind and nothing else.
 */
export function allowListed(sender: SpanSender): Tracing {
  const opened = (span: SentSpan): OpenSpan => ({
    run: (work) => span.run(work),
    end: ({ failure, name, fields = {} }) => {
      const kind = failure === null ? null : (kept('error', failure) ?? 'error');
      span.end(kind, name === undefined ? null : nameOf(name), attributesOf(fields));
    },
  });
  return {
    root: ({ name, kind, fields, traceparent }) =>
      opened(sender.root(nameOf(name), kind, attributesOf(fields), traceparent)),
    part: ({ name, kind, fields }) => {
      const span = sender.part(nameOf(name), kind, attributesOf(fields));
      return span === null ? null : opened(span);
    },
    close: () => sender.close(),
  };
}

const nameOf = (name: string): string => (SPAN_NAME.test(name) ? name : 'unnamed');

const kept = (field: string, value: unknown): string | undefined =>
  fieldsForTheLog({ [field]: value })[field] as string | undefined;

function attributesOf(fields: SpanFields): Attributes {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [field, value] of Object.entries(fieldsForTheLog(fields))) {
    const name = (ATTRIBUTES as Readonly<Record<string, string>>)[field];
    if (name !== undefined) attributes[name] = value as string | number | boolean;
  }
  return attributes;
}
