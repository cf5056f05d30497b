import { AsyncLocalStorage } from 'node:async_hooks';
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';

/** Where spans go, and of how many traces. */
export interface OtlpTracingOptions {
  /** The base URL of a collector; spans go to `/v1/traces` below it, as OTLP/HTTP in JSON. */
  readonly endpointUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the traces that begin here, from 0 to 1. */
  readonly sampledShare: number;
  /** Such as `clarity`. */
  readonly serviceName: string;
  readonly version: string;
  /** Such as `production`. */
  readonly environment: string;
}

/** What somebody waits for: an answer given, a job done, a call of another program, or a part of one's own. */
export type TracedKind = 'server' | 'consumer' | 'client' | 'internal';

/** Names and values that are sent as they are; whoever calls has chosen them with care. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that has not ended. */
export interface OtlpSpan {
  run<T>(work: () => T): T;
  /** `failure` is the kind of the error, null where there was none. */
  end(failure: string | null, name: string | null, attributes: SpanAttributes): void;
}

/** What is active where a span is begun. */
interface Active {
  readonly context: Context;
  /** Shared by all spans of one root. */
  readonly parts: { left: number };
}

/** A stream of events, or an export of a gigabyte, makes any number of calls; a trace that nobody can read helps nobody. */
const MOST_PARTS = 300;
const SEND_TIMEOUT_MS = 5000;
/** A collector that does not answer keeps no process from ending. */
const LAST_SEND_MS = 3000;

const KINDS: Readonly<Record<TracedKind, SpanKind>> = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
};

/**
 * Traces by OpenTelemetry, sent in batches. What is active is kept here and not in the library's globals: nothing but what is
 * begun here is traced, and two services in one process do not mix. What cannot be sent is lost without a word.
 */
export class OtlpTracing {
  readonly #active = new AsyncLocalStorage<Active>();
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor(options: OtlpTracingOptions) {
    const { endpointUrl, headers, sampledShare, serviceName, version, environment } = options;
    const exporter = new OTLPTraceExporter({
      url: `${endpointUrl}/v1/traces`,
      headers: { ...headers },
      timeoutMillis: SEND_TIMEOUT_MS,
    });
    // Whoever calls may say which trace theirs is, and that it is not to be sent; not that it must be.
    const share = new TraceIdRatioBasedSampler(sampledShare);
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        'service.name': serviceName,
        'service.version': version,
        'deployment.environment.name': environment,
      }),
      sampler: new ParentBasedSampler({ root: share, remoteParentSampled: share }),
      spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: SEND_TIMEOUT_MS })],
    });
    this.#tracer = this.#provider.getTracer('clarity', version);
  }

  /** Begins a trace, or goes on with the one that a `traceparent` names. */
  root(name: string, kind: TracedKind, attributes: SpanAttributes, traceparent: string | undefined): OtlpSpan {
    const parent =
      traceparent === undefined
        ? ROOT_CONTEXT
        : this.#propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
    return this.#begin(name, kind, attributes, { context: parent, parts: { left: MOST_PARTS } });
  }

  /** A part of what is active here; null where nothing is, or it has very many parts already. */
  part(name: string, kind: TracedKind, attributes: SpanAttributes): OtlpSpan | null {
    const active = this.#active.getStore();
    if (active === undefined || active.parts.left === 0) return null;
    active.parts.left -= 1;
    return this.#begin(name, kind, attributes, active);
  }

  /** Sends what is left, for a moment at most. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_SEND_MS);
    });
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  }

  #begin(name: string, kind: TracedKind, attributes: SpanAttributes, { context, parts }: Active): OtlpSpan {
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, context);
    const within: Active = { context: trace.setSpan(context, span), parts };
    return {
      run: (work) => this.#active.run(within, work),
      end: (failure, newName, more) => {
        ended(span, failure, newName, more);
      },
    };
  }
}

function ended(span: Span, failure: string | null, name: string | null, attributes: SpanAttributes): void {
  if (name !== null) span.updateName(name);
  span.setAttributes({ ...attributes });
  if (failure !== null) {
    span.setAttribute('error.type', failure);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
