import { App, Tags, Validations, type StackProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { acknowledge } from './acknowledged.ts';
import { AlarmsStack } from './alarms-stack.ts';
import { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { ServiceStack } from './service-stack.ts';

/** Ways of the library that are new and asked for by name. */
const FLAGS = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
} as const;

/** What CloudFormation gives no tags, at least where its older schemas are still in use. */
const UNTAGGED = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::CloudWatch::Dashboard',
  'AWS::ElasticLoadBalancingV2::Listener',
];

export interface Stacks {
  readonly app: App;
  readonly data: DataStack;
  readonly service: ServiceStack;
  readonly alarms: AlarmsStack;
}

/** All of a deployment, to be written into the folder. Nothing is asked of AWS for it. */
export function stacksOf(deployment: Deployment, outdir: string): Stacks {
  const app = new App({ outdir, analyticsReporting: false, context: FLAGS });
  const { name, account, region } = deployment;
  const props: StackProps = { env: { region, ...(account === null ? {} : { account }) } };
  const data = new DataStack(app, `${name}-data`, deployment, props);
  const service = new ServiceStack(app, `${name}-service`, deployment, data, props);
  const alarms = new AlarmsStack(app, `${name}-alarms`, deployment, data, service, props);
  Tags.of(app).add('service', name, { excludeResourceTypes: UNTAGGED });
  acknowledge(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app));
  return { app, data, service, alarms };
}
