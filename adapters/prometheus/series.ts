/** One series at one moment, or what it grew by. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;

/** The series of a text in Prometheus's exposition format 0.0.4; null where a line is none of it. */
export function readSeries(text: string): readonly Series[] | null {
  const series: Series[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, inBraces = '', number = ''] = LINE.exec(line) ?? [];
    const labels = labelsOf(inBraces);
    const value = numberOf(number);
    if (name === undefined || labels === null || value === null) return null;
    series.push({ name, labels, value });
  }
  return series;
}

function labelsOf(text: string): Readonly<Record<string, string>> | null {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) return null;
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** Prometheus writes infinity as `+Inf`. */
export function numberOf(text: string): number | null {
  if (/^\+?Inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-Inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  if (/^NaN$/i.test(text)) return Number.NaN;
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? null : value;
}

/**
 * What each counter grew by between two readings of one process. One that is lower than before has begun again from zero, and
 * one that was not there before began at zero.
 */
export function increments(before: readonly Series[], after: readonly Series[]): readonly Series[] {
  const keyOf = ({ name, labels }: Series): string =>
    JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const was = new Map(before.map((series) => [keyOf(series), series.value]));
  return after.map((series) => {
    const earlier = was.get(keyOf(series)) ?? 0;
    return { ...series, value: series.value < earlier ? series.value : series.value - earlier };
  });
}
