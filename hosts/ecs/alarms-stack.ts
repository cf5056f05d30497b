import { Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { dashboardOf } from './dashboard.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import type { ServiceStack } from './service-stack.ts';
import { watched, type Watched } from './watched.ts';

/** The operator's eyes: an alarm for everything watched, told to a topic, and one dashboard. */
export class AlarmsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    data: DataStack,
    service: ServiceStack,
    props: StackProps,
  ) {
    super(scope, id, props);
    const { name, alarmEmail } = deployment;
    const topic = new Topic(this, 'Alarms', {
      topicName: `${name}-alarms`,
      masterKey: data.storageKey,
      enforceSSL: true,
    });
    // The policy that refuses calls without TLS takes the place of SNS's own, which lets the account's alarms publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (alarmEmail !== null) topic.addSubscription(new EmailSubscription(alarmEmail));
    const action = new SnsAction(topic);
    const all = watched(deployment, data, service);
    for (const one of all) {
      const alarm = alarmOf(this, name, one);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    dashboardOf(this, name, data, service, all);
  }
}

function alarmOf(scope: Construct, name: string, one: Watched): cloudwatch.Alarm {
  const { id, description, metric, threshold, minutes, comparison, missing } = one;
  const { GREATER_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
  const { NOT_BREACHING } = cloudwatch.TreatMissingData;
  return new cloudwatch.Alarm(scope, `Alarm-${id}`, {
    alarmName: `${name}-${id}`,
    alarmDescription: `${description}. docs/runbook.md#${id}`,
    metric,
    threshold,
    comparisonOperator: comparison ?? GREATER_THAN_THRESHOLD,
    evaluationPeriods: Math.max(1, Math.round(minutes / metric.period.toMinutes())),
    treatMissingData: missing ?? NOT_BREACHING,
  });
}
