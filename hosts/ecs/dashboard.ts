import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import type { ServiceStack } from './service-stack.ts';
import type { Watched } from './watched.ts';

const HALF = 12;

/** One page: calls, how long they take, what fails, the tasks, the jobs, and everything that raises an alarm. */
export function dashboardOf(
  scope: Construct,
  name: string,
  data: DataStack,
  service: ServiceStack,
  all: readonly Watched[],
): void {
  const { loadBalancer, targets } = service.entrance;
  const { web, worker } = service;
  const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []): cloudwatch.GraphWidget =>
    new cloudwatch.GraphWidget({ title, left, right, width: HALF });
  const answered = (code: HttpCodeTarget): cloudwatch.Metric => targets.metrics.httpCodeTarget(code);
  new cloudwatch.Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    widgets: [
      [
        graph('Calls, and those answered 4xx and 5xx', [
          loadBalancer.metrics.requestCount(),
          answered(HttpCodeTarget.TARGET_4XX_COUNT),
          answered(HttpCodeTarget.TARGET_5XX_COUNT),
        ]),
        graph(
          'Seconds to an answer',
          ['p50', 'p95', 'p99'].map((statistic) => targets.metrics.targetResponseTime({ statistic, label: statistic })),
        ),
      ],
      [
        graph('Processors, percent', [web.metricCpuUtilization(), worker.metricCpuUtilization()]),
        graph('Memory, percent', [web.metricMemoryUtilization(), worker.metricMemoryUtilization()]),
      ],
      [
        graph(
          'Jobs waiting, and how long the oldest has',
          [
            data.queue.metricApproximateNumberOfMessagesVisible(),
            data.deadLetters.metricApproximateNumberOfMessagesVisible(),
          ],
          [data.queue.metricApproximateAgeOfOldestMessage()],
        ),
        graph('Table, consumed', [
          data.table.metricConsumedReadCapacityUnits(),
          data.table.metricConsumedWriteCapacityUnits(),
        ]),
      ],
      all
        .filter(({ metric }) => metric instanceof cloudwatch.Metric && metric.namespace === 'Clarity')
        .map(({ id, metric }) => new cloudwatch.GraphWidget({ title: id, left: [metric], width: 4 })),
    ],
  });
}
