import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Peer, Port, SecurityGroup, SubnetType, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Repository, TagMutability, type IRepository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { addContainer, METRICS_PORT, SERVICE_PORT, type Work } from './container.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { firewallOf } from './firewall.ts';
import { entranceOf, type Entrance } from './load-balancer.ts';
import { networkOf } from './network.ts';

/** One virtual CPU, and room for the model, an upload in flight and Node itself. */
const TASK_CPU = 1024;
const TASK_MEMORY_MIB = 2048;

const CPU_TARGET_PERCENT = 60;
const MEMORY_TARGET_PERCENT = 75;
const CALLS_A_MINUTE_TARGET = 3000;
/** As many jobs as one worker clears in some minutes; more of them waiting bring another worker. */
const JOBS_A_WORKER = 20;

/** What serves: the entrance, the tasks behind it, and the workers. */
export class ServiceStack extends Stack {
  readonly vpc: IVpc;
  readonly cluster: ecs.ICluster;
  readonly entrance: Entrance;
  readonly web: ecs.FargateService;
  readonly worker: ecs.FargateService;
  readonly firewall: CfnWebACL;
  readonly logGroups: Readonly<Record<Work, LogGroup>>;

  constructor(scope: Construct, id: string, deployment: Deployment, data: DataStack, props: StackProps) {
    super(scope, id, props);
    const { name } = deployment;
    this.vpc = networkOf(this, deployment, data.storageKey);
    this.cluster = clusterOf(this, deployment, this.vpc);
    const repository = repositoryOf(this, deployment);
    this.entrance = entranceOf(this, this.vpc, deployment, data.accessLogs);
    this.firewall = firewallOf(this, name, this.entrance.loadBalancer.loadBalancerArn, data.storageKey);
    const logs = (logGroupName: string): LogGroup =>
      new LogGroup(this, `Logs-${logGroupName}`, {
        logGroupName: `/ecs/${logGroupName}`,
        retention: RetentionDays.ONE_YEAR,
        encryptionKey: data.storageKey,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    this.logGroups = { web: logs(`${name}-backend`), worker: logs(`${name}-worker`) };
    const task = (work: Work): ecs.FargateTaskDefinition => {
      const definition = new ecs.FargateTaskDefinition(this, `Task-${work}`, {
        family: work === 'web' ? `${name}-backend` : `${name}-worker`,
        cpu: TASK_CPU,
        memoryLimitMiB: TASK_MEMORY_MIB,
        runtimePlatform: {
          cpuArchitecture: ecs.CpuArchitecture.X86_64,
          operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
        },
        taskRole: new Role(this, `TaskRole-${work}`, {
          assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
          managedPolicies: [data.taskPolicy],
        }),
      });
      // A revision that CloudFormation deregisters is none that scripts/rollback.sh can go back to.
      definition.applyRemovalPolicy(RemovalPolicy.RETAIN);
      addContainer(this, definition, { work, deployment, data, repository, logGroup: this.logGroups[work] });
      return definition;
    };
    this.web = this.#service('web', `${name}-backend-service`, task('web'), deployment.leastTasks);
    this.web.attachToApplicationTargetGroup(this.entrance.targets);
    // The only way to the tasks but for whoever is named as the collector of metrics.
    this.web.connections.allowFrom(this.entrance.securityGroup, Port.tcp(SERVICE_PORT), 'from the load balancer');
    this.worker = this.#service('worker', `${name}-worker-service`, task('worker'), 1);
    this.#letMetricsBeRead(deployment);
    this.#scaleWeb(deployment);
    this.#scaleWorkers(deployment, data);
  }

  #service(
    work: Work,
    serviceName: string,
    taskDefinition: ecs.FargateTaskDefinition,
    desiredCount: number,
  ): ecs.FargateService {
    const securityGroup = new SecurityGroup(this, `Group-${work}`, {
      vpc: this.vpc,
      description: work === 'web' ? 'Tasks that serve' : 'Tasks that work on jobs',
      // AWS's own services, and webhooks wherever people have them.
      allowAllOutbound: true,
    });
    return new ecs.FargateService(this, `Service-${work}`, {
      serviceName,
      cluster: this.cluster,
      taskDefinition,
      desiredCount,
      securityGroups: [securityGroup],
      assignPublicIp: false,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      circuitBreaker: { enable: true, rollback: true },
      // New tasks are there before old ones go.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      ...(work === 'web' ? { healthCheckGracePeriod: Duration.seconds(90) } : {}),
    });
  }

  #letMetricsBeRead({ metricsFrom }: Deployment): void {
    if (metricsFrom === null) return;
    const reader = metricsFrom.startsWith('sg-') ? Peer.securityGroupId(metricsFrom) : Peer.ipv4(metricsFrom);
    for (const { connections } of [this.web, this.worker]) {
      connections.allowFrom(reader, Port.tcp(METRICS_PORT), 'from who collects metrics');
    }
  }

  #scaleWeb({ leastTasks, mostTasks }: Deployment): void {
    const scaling = this.web.autoScaleTaskCount({ minCapacity: leastTasks, maxCapacity: mostTasks });
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: CPU_TARGET_PERCENT });
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: MEMORY_TARGET_PERCENT });
    scaling.scaleOnRequestCount('Calls', {
      requestsPerTarget: CALLS_A_MINUTE_TARGET,
      targetGroup: this.entrance.targets,
    });
  }

  #scaleWorkers({ mostWorkers }: Deployment, { queue }: DataStack): void {
    const scaling = this.worker.autoScaleTaskCount({ minCapacity: 1, maxCapacity: mostWorkers });
    scaling.scaleOnMetric('Jobs', {
      metric: queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
      scalingSteps: [
        { upper: 1, change: -1 },
        { lower: JOBS_A_WORKER, change: 1 },
        { lower: 5 * JOBS_A_WORKER, change: 2 },
      ],
    });
  }
}

function clusterOf(scope: Construct, { name, cluster }: Deployment, vpc: IVpc): ecs.ICluster {
  if (!('create' in cluster))
    return ecs.Cluster.fromClusterAttributes(scope, 'Cluster', { clusterName: cluster.name, vpc });
  return new ecs.Cluster(scope, 'Cluster', {
    clusterName: `${name}-backend-cluster`,
    vpc,
    containerInsightsV2: ecs.ContainerInsights.ENABLED,
  });
}

function repositoryOf(scope: Construct, { name, repository }: Deployment): IRepository {
  if (!('create' in repository)) return Repository.fromRepositoryName(scope, 'Repository', repository.name);
  return new Repository(scope, 'Repository', {
    repositoryName: `${name}-backend`,
    imageScanOnPush: true,
    // A tag means the same image for ever, so that going back is going back.
    imageTagMutability: TagMutability.IMMUTABLE,
    lifecycleRules: [{ maxImageCount: 50 }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
