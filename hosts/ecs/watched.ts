import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { METRIC_NAMESPACE, WATCHED_FACTS, type WatchedFact } from '../wiring/watched-facts.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import type { ServiceStack } from './service-stack.ts';

/** One thing that somebody is woken for. Its id is its heading in docs/runbook.md. */
export interface Watched {
  readonly id: string;
  /** What it means, in a line; the runbook says what to do. */
  readonly description: string;
  readonly metric: cloudwatch.Metric | cloudwatch.MathExpression;
  readonly threshold: number;
  readonly comparison?: cloudwatch.ComparisonOperator;
  /** Minutes in a row. */
  readonly minutes: number;
  /** `breaching` where silence is bad news. */
  readonly missing?: cloudwatch.TreatMissingData;
}

const MINUTE = Duration.minutes(1);
const SHARE_OF_CALLS_PERCENT = 1;
const P95_SECONDS = 1;
const CPU_PERCENT = 85;
const MEMORY_PERCENT = 90;
const OLDEST_JOB_SECONDS = 900;
const LOCKOUTS_IN_FIVE_MINUTES = 20;
const BLOCKED_IN_FIVE_MINUTES = 100;
/** What the adapters call; DynamoDB has no metric of all together. */
const TABLE_OPERATIONS = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

const ofService = (fact: WatchedFact): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName: WATCHED_FACTS[fact],
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(5),
  });

/** Everything that raises an alarm, in the order of the runbook. */
export function watched({ leastTasks }: Deployment, data: DataStack, service: ServiceStack): readonly Watched[] {
  const { entrance, web, worker } = service;
  const { targets, loadBalancer } = entrance;
  const sum = { statistic: cloudwatch.Stats.SUM, period: MINUTE };
  const tasks = (of: ServiceStack['web'], metricName: 'RunningTaskCount' | 'DesiredTaskCount'): cloudwatch.Metric =>
    new cloudwatch.Metric({
      namespace: 'ECS/ContainerInsights',
      metricName,
      dimensionsMap: { ClusterName: service.cluster.clusterName, ServiceName: of.serviceName },
      statistic: cloudwatch.Stats.MINIMUM,
      period: MINUTE,
    });
  const { LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
  const { BREACHING } = cloudwatch.TreatMissingData;
  const ofTable = (metricName: string, label: string): cloudwatch.MathExpression =>
    new cloudwatch.MathExpression({
      expression: 'SUM(METRICS())',
      usingMetrics: Object.fromEntries(
        TABLE_OPERATIONS.map((operation) => [
          `m${operation}`,
          new cloudwatch.Metric({
            namespace: 'AWS/DynamoDB',
            metricName,
            dimensionsMap: { TableName: data.table.tableName, Operation: operation },
            ...sum,
          }),
        ]),
      ),
      period: MINUTE,
      label,
    });
  return [
    {
      id: 'server-errors',
      description: 'More than one call in a hundred is answered 5xx',
      metric: new cloudwatch.MathExpression({
        // A minute in which nothing was refused has no value for it, and without FILL the sum would have none either.
        expression: 'IF(calls > 20, 100 * (FILL(answered, 0) + FILL(refused, 0)) / calls, 0)',
        usingMetrics: {
          calls: loadBalancer.metrics.requestCount(sum),
          answered: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, sum),
          refused: loadBalancer.metrics.custom('HTTPCode_ELB_5XX_Count', sum),
        },
        period: MINUTE,
        label: '5xx, percent of calls',
      }),
      threshold: SHARE_OF_CALLS_PERCENT,
      minutes: 3,
    },
    {
      id: 'slow-answers',
      description: 'One call in twenty takes longer than a second',
      metric: targets.metrics.targetResponseTime({ statistic: 'p95', period: MINUTE }),
      threshold: P95_SECONDS,
      minutes: 5,
    },
    {
      id: 'unhealthy-tasks',
      description: 'The load balancer finds a task not ready',
      metric: targets.metrics.unhealthyHostCount({ statistic: cloudwatch.Stats.MAXIMUM, period: MINUTE }),
      threshold: 0,
      minutes: 5,
    },
    {
      id: 'too-few-tasks',
      description: 'Fewer tasks serve than should',
      metric: new cloudwatch.MathExpression({
        // The second half is for a service that somebody has set to fewer than it may have.
        expression: `IF(running < desired || running < ${leastTasks}, 1, 0)`,
        usingMetrics: { running: tasks(web, 'RunningTaskCount'), desired: tasks(web, 'DesiredTaskCount') },
        period: MINUTE,
        label: 'fewer run than should',
      }),
      threshold: 0,
      minutes: 5,
      missing: BREACHING,
    },
    {
      id: 'no-worker',
      description: 'Nobody works on jobs',
      metric: tasks(worker, 'RunningTaskCount'),
      threshold: 1,
      comparison: LESS_THAN_THRESHOLD,
      minutes: 5,
      missing: BREACHING,
    },
    {
      id: 'busy-processors',
      description: 'Tasks have had no processor time to spare, and scaling has not helped',
      metric: web.metricCpuUtilization({ period: MINUTE }),
      threshold: CPU_PERCENT,
      minutes: 10,
    },
    {
      id: 'full-memory',
      description: 'Tasks are about to be killed for want of memory',
      metric: web.metricMemoryUtilization({ statistic: cloudwatch.Stats.MAXIMUM, period: MINUTE }),
      threshold: MEMORY_PERCENT,
      minutes: 5,
    },
    {
      id: 'throttled-table',
      description: 'DynamoDB turns calls away',
      metric: ofTable('ThrottledRequests', 'throttled calls'),
      threshold: 0,
      minutes: 3,
    },
    {
      id: 'failing-table',
      description: 'DynamoDB itself fails',
      metric: ofTable('SystemErrors', 'calls that failed'),
      threshold: 0,
      minutes: 3,
    },
    {
      id: 'blocked-calls',
      description: 'The firewall blocks many calls: an attack, or a rule that is wrong about a client',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/WAFV2',
        metricName: 'BlockedRequests',
        dimensionsMap: { WebACL: service.firewall.name!, Region: service.region, Rule: 'ALL' },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: BLOCKED_IN_FIVE_MINUTES,
      minutes: 10,
    },
    {
      id: 'waiting-jobs',
      description: 'The oldest job has waited for a quarter of an hour',
      metric: data.queue.metricApproximateAgeOfOldestMessage({ statistic: cloudwatch.Stats.MAXIMUM, period: MINUTE }),
      threshold: OLDEST_JOB_SECONDS,
      minutes: 5,
    },
    {
      id: 'dead-letters',
      description: 'A job was given up on, or a message cannot be read',
      metric: data.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: MINUTE,
      }),
      threshold: 0,
      minutes: 1,
    },
    {
      id: 'lockouts',
      description: 'Many logins are refused after failures: somebody may be guessing passwords',
      metric: ofService('lockouts'),
      threshold: LOCKOUTS_IN_FIVE_MINUTES,
      minutes: 5,
    },
    {
      id: 'access-denied',
      description: 'AWS refuses a call: the role lacks a permission, or a resource was changed',
      metric: ofService('accessDenied'),
      threshold: 0,
      minutes: 5,
    },
    {
      id: 'model-integrity',
      description: 'The bytes of a model file are not those of its manifest',
      metric: ofService('modelIntegrity'),
      threshold: 0,
      minutes: 5,
    },
    {
      id: 'insights-breaker',
      description: 'The narrator failed so often that it is not asked for a while',
      metric: ofService('breakerOpened'),
      threshold: 0,
      minutes: 5,
    },
    {
      id: 'not-ready',
      description: 'A process has found itself not ready',
      metric: ofService('notReady'),
      threshold: 2,
      minutes: 5,
    },
  ];
}
