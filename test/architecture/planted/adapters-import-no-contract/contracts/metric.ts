export interface MetricBody {
  readonly metric_id: string;
}
