import { flag, httpUrl, matching, variable, type ReadSetting } from './setting-codecs.ts';

/** Who is told of what happens in a process. Nobody is, unless the operator says so. */
export interface ObserveConfig {
  /** Whether what CloudWatch's alarms look at is written into the log as metrics. */
  readonly embeddedMetrics: boolean;
  /** Where traces are sent; null: there are none. */
  readonly otlp: OtlpConfig | null;
  /** Where errors are reported, a Sentry DSN; null: in the log alone. */
  readonly sentryDsn: string | null;
}

/** An OpenTelemetry collector. */
export interface OtlpConfig {
  readonly endpointUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From 0 to 1. */
  readonly sampledShare: number;
}

const share = variable('a number from 0 to 1', (text) => {
  const value = /^(?:0|1|0?\.\d{1,9}|0\.\d{1,9}|1\.0{1,9})$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? value : null;
});

/** As OpenTelemetry has it: `name=value,name=value`, values percent-encoded. */
const headerList = variable('a comma-separated list of headers such as authorization=Basic%20abc', (text) => {
  const headers: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([^\s,]+)\s*$/.exec(part) ?? [];
    const decoded = value === undefined ? null : decodedOrNull(value);
    if (name === undefined || decoded === null) return null;
    headers[name.toLowerCase()] = decoded;
  }
  return headers;
});

function decodedOrNull(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text);
    return /^[\x20-\x7e]+$/.test(decoded) ? decoded : null;
  } catch {
    return null;
  }
}

const sentryDsn = matching(
  'a DSN such as https://key@sentry.example/42',
  /^https?:\/\/\w+@[\w.:[\]-]+(?:\/[\w./-]*)?\/\d+$/,
);

/** Reads who is told of what happens. */
export function readObserveConfig(read: ReadSetting): ObserveConfig {
  const endpointUrl = read('OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl, null);
  const headers = read('OTEL_EXPORTER_OTLP_HEADERS', headerList, {});
  const sampledShare = read('OTEL_TRACES_SAMPLER_ARG', share, 1);
  return {
    embeddedMetrics: read('METRICS_EMF', flag, false),
    otlp: endpointUrl === null ? null : { endpointUrl, headers, sampledShare },
    sentryDsn: read('SENTRY_DSN', sentryDsn, null),
  };
}
