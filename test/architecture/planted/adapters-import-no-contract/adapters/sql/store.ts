import type { MetricBody } from '../../contracts/metric.ts'; // planted

export const columnsOf = (metric: MetricBody): string[] => Object.keys(metric);
