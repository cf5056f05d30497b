import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ACKNOWLEDGED } from '../../hosts/ecs/acknowledged.ts';
import { readDeployment } from '../../hosts/ecs/deployment.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { descriptionOf, synthesized, type Resource } from './synthesized.ts';

interface Pack {
  readonly pluginName: string;
  readonly violations: readonly unknown[];
  readonly suppressedViolations: readonly { readonly ruleName: string; readonly reason: string }[];
}

const stacks = suite('infrastructure for an empty account');
const made = synthesized('new-account');
const beside = synthesized('existing-account');
const FORMER_KEY = 'arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001';
const OTHER_KEY = 'arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000002';
/** With everything that a description may leave out. */
const tuned = synthesized('new-account', {
  metricsFrom: 'sg-0123456789abcdef0',
  environment: { ENABLE_SELF_SIGNUP: 'false', RATE_LIMITS: 'multiplier=2' },
  dataKeyArn: OTHER_KEY,
  formerDataKeyArns: [FORMER_KEY],
});
const { ofType, only } = made;

const taskDefinition = (family: string) =>
  only('AWS::ECS::TaskDefinition', ({ Family }) => Family === family).Properties;
const service = (name: string) => only('AWS::ECS::Service', ({ ServiceName }) => ServiceName === name).Properties;
const kept = ({ DeletionPolicy }: Resource): boolean => DeletionPolicy === 'Retain';

stacks('tasks are for amd64, with one processor and two gigabytes, not root, on a read-only file system', () => {
  for (const [family, name] of [
    ['clarity-backend', 'web'],
    ['clarity-worker', 'worker'],
  ] as const) {
    const task = taskDefinition(family);
    assert.equal(task.RuntimePlatform, { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' });
    assert.equal([task.Cpu, task.Memory, task.NetworkMode], ['1024', '2048', 'awsvpc']);
    const [container, ...others] = task.ContainerDefinitions;
    assert.equal(others, []);
    assert.is(container.Name, name);
    assert.is(container.ReadonlyRootFilesystem, true);
    assert.is(container.User, '65532');
    assert.equal(
      container.MountPoints.map(({ ContainerPath }: any) => ContainerPath),
      ['/data'],
    );
    assert.equal(
      container.Secrets.map(({ Name }: any) => Name),
      ['STUDY_KEY'],
    );
    assert.ok(container.StopTimeout >= 25);
  }
});

stacks('the variables of a task are those that the service reads, with values that it takes', () => {
  for (const family of ['clarity-backend', 'clarity-worker']) {
    const [container] = taskDefinition(family).ContainerDefinitions;
    const given = Object.fromEntries(
      container.Environment.map(({ Name, Value }: any) => [
        Name,
        typeof Value === 'string' ? Value : SAMPLES[Name as string],
      ]),
    ) as Record<string, string>;
    const asked = new Set<string>();
    const config = readConfig(
      new Proxy<Readonly<Record<string, string>>>(
        { ...given, STUDY_KEY: 'k'.repeat(64) },
        {
          get: (target, name: string) => {
            asked.add(name);
            return target[name];
          },
        },
      ),
    );
    const { environment, aws } = valueOf(config);
    // TMPDIR is Node's.
    assert.equal(
      Object.keys(given).filter((name) => !asked.has(name) && name !== 'TMPDIR'),
      [],
    );
    assert.is(environment, 'production');
    assert.not.equal(aws?.dataKmsKeyId, null);
  }
});

/** What deployed stacks would have in the place of references. */
const SAMPLES: Readonly<Record<string, string>> = {
  DYNAMODB_TABLE_NAME: 'clarity-health-data',
  S3_BUCKET_NAME: 'clarity-data-uploads-1a2b',
  S3_KMS_KEY_ID: 'arn:aws:kms:us-east-1:111111111111:key/0',
  KMS_KEY_ID: 'arn:aws:kms:us-east-1:111111111111:key/1',
  CLARITY_HEALTH_DATA_QUEUE: 'clarity-health-data-processing',
  CLARITY_DEAD_LETTER_QUEUE: 'clarity-health-data-processing-dlq',
  CLARITY_SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111111111111:clarity-events',
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_CLIENT_ID: '1example23456789',
  PAT_MODEL_BASE_DIR: 's3://clarity-data-models-1a2b/pat',
};

stacks(
  'two tasks serve in two zones, and a deployment that fails goes back by itself, without a moment of fewer',
  () => {
    const web = service('clarity-backend-service');
    assert.is(web.DesiredCount, 2);
    assert.equal(web.DeploymentConfiguration.DeploymentCircuitBreaker, { Enable: true, Rollback: true });
    assert.is(web.DeploymentConfiguration.MinimumHealthyPercent, 100);
    const network = web.NetworkConfiguration.AwsvpcConfiguration;
    assert.is(network.AssignPublicIp, 'DISABLED');
    assert.is(network.Subnets.length, 2);
    const zones = ofType('AWS::EC2::Subnet').map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone));
    assert.is(new Set(zones).size, 2);
    const worker = service('clarity-worker-service');
    assert.is(worker.DesiredCount, 1);
    assert.equal(worker.LoadBalancers ?? [], []);
  },
);

stacks('it grows with processors, memory, calls, and jobs that wait', () => {
  const metrics = ofType('AWS::ApplicationAutoScaling::ScalingPolicy').map(
    ({ Properties }) =>
      Properties.TargetTrackingScalingPolicyConfiguration?.PredefinedMetricSpecification?.PredefinedMetricType ??
      'steps',
  );
  assert.equal(metrics.sort(), [
    'ALBRequestCountPerTarget',
    'ECSServiceAverageCPUUtilization',
    'ECSServiceAverageMemoryUtilization',
    'steps',
    'steps',
  ]);
});

stacks('clients come over HTTPS with a current policy; HTTP is sent on; the way to the tasks is the balancer', () => {
  const https = only('AWS::ElasticLoadBalancingV2::Listener', ({ Port }) => Port === 443).Properties;
  assert.is(https.Protocol, 'HTTPS');
  assert.match(https.SslPolicy, /TLS13/);
  assert.is(https.Certificates.length, 1);
  const http = only('AWS::ElasticLoadBalancingV2::Listener', ({ Port }) => Port === 80).Properties;
  assert.equal(http.DefaultActions[0].RedirectConfig, { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' });
  const open = ofType('AWS::EC2::SecurityGroup').filter(({ Properties }) =>
    (Properties.SecurityGroupIngress ?? []).some(({ CidrIp }: any) => CidrIp === '0.0.0.0/0'),
  );
  assert.is(open.length, 1);
  assert.equal(
    open[0]!.Properties.SecurityGroupIngress.map(({ FromPort, ToPort }: any) => [FromPort, ToPort]),
    [
      [443, 443],
      [80, 80],
    ],
  );
  const inward = ofType('AWS::EC2::SecurityGroupIngress').map(({ Properties }) => [
    Properties.FromPort,
    Properties.ToPort,
  ]);
  assert.equal(inward, [[8000, 8000]]);
  const targets = only('AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
  assert.is(targets.HealthCheckPath, '/api/v1/health/ready');
  const attributes = only('AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes;
  const value = (key: string) => attributes.find(({ Key }: any) => Key === key)?.Value;
  assert.is(value('access_logs.s3.enabled'), 'true');
  assert.is(value('routing.http.drop_invalid_header_fields.enabled'), 'true');
  assert.is(ofType('AWS::WAFv2::WebACLAssociation').length, 1);
});

stacks('what is kept outlives its stack, is encrypted, and can be brought back', () => {
  const table = only('AWS::DynamoDB::Table');
  assert.ok(kept(table));
  const { Properties } = table;
  assert.equal(
    Properties.KeySchema.map(({ AttributeName }: any) => AttributeName),
    ['pk', 'sk'],
  );
  assert.is(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
  assert.equal(Properties.TimeToLiveSpecification, { AttributeName: 'ttl', Enabled: true });
  assert.is(Properties.SSESpecification.SSEType, 'KMS');
  assert.is(Properties.DeletionProtectionEnabled, true);
  const [index, ...others] = Properties.GlobalSecondaryIndexes;
  assert.equal(others, []);
  assert.is(index.IndexName, 'processing-id-index');
  assert.equal(index.Projection, { ProjectionType: 'ALL' });
  for (const bucket of ofType('AWS::S3::Bucket')) {
    assert.ok(kept(bucket));
    assert.equal(Object.values(bucket.Properties.PublicAccessBlockConfiguration), [true, true, true, true]);
    assert.is(bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration.length, 1);
  }
  const insecure = ofType('AWS::S3::BucketPolicy').filter(
    ({ Properties: { PolicyDocument } }) =>
      !PolicyDocument.Statement.some(
        ({ Effect, Condition }: any) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
      ),
  );
  assert.equal(insecure, []);
  assert.is(ofType('AWS::S3::BucketPolicy').length, ofType('AWS::S3::Bucket').length);
  for (const key of ofType('AWS::KMS::Key')) assert.ok(kept(key) && key.Properties.EnableKeyRotation === true);
});

stacks('unfinished uploads and read messages go from the bucket', () => {
  const rules = ofType('AWS::S3::Bucket').flatMap(({ Properties }) => Properties.LifecycleConfiguration?.Rules ?? []);
  const rule = (id: string) => rules.find(({ Id }: any) => Id === id);
  assert.equal(rule('unfinished').AbortIncompleteMultipartUpload, { DaysAfterInitiation: 1 });
  assert.equal([rule('messages').Prefix, rule('messages').ExpirationInDays], ['messages/', 15]);
});

stacks('a message that cannot be worked on ends among the dead letters', () => {
  const jobs = only('AWS::SQS::Queue', ({ RedrivePolicy }) => RedrivePolicy !== undefined).Properties;
  assert.ok(jobs.RedrivePolicy.maxReceiveCount >= 20);
  for (const { Properties } of ofType('AWS::SQS::Queue')) assert.not.equal(Properties.KmsMasterKeyId, undefined);
});

stacks('logs are encrypted and kept for a year', () => {
  for (const { Properties } of ofType('AWS::Logs::LogGroup')) {
    assert.is(Properties.RetentionInDays, 365);
    assert.not.equal(Properties.KmsKeyId, undefined);
  }
});

stacks('people sign in by e-mail in whatever case, with short tokens and a second factor if they want', () => {
  const pool = only('AWS::Cognito::UserPool').Properties;
  assert.equal(pool.UsernameAttributes, ['email']);
  assert.equal(pool.UsernameConfiguration, { CaseSensitive: false });
  assert.is(pool.MfaConfiguration, 'OPTIONAL');
  const client = only('AWS::Cognito::UserPoolClient').Properties;
  assert.is(client.AccessTokenValidity, 15);
  assert.is(client.EnableTokenRevocation, true);
  assert.is(client.PreventUserExistenceErrors, 'ENABLED');
  assert.is(client.GenerateSecret, false);
  assert.equal(
    [...client.ExplicitAuthFlows].sort().filter((flow: string) => flow !== 'ALLOW_REFRESH_TOKEN_AUTH'),
    ['ALLOW_USER_PASSWORD_AUTH'],
  );
  assert.is(ofType('AWS::Cognito::UserPoolGroup').length, 4);
});

const WATCHED = [
  'access-denied',
  'blocked-calls',
  'busy-processors',
  'dead-letters',
  'failing-table',
  'full-memory',
  'insights-breaker',
  'lockouts',
  'model-integrity',
  'no-worker',
  'not-ready',
  'server-errors',
  'slow-answers',
  'throttled-table',
  'too-few-tasks',
  'unhealthy-tasks',
  'waiting-jobs',
];

stacks('every alarm tells the topic, and the runbook says what to do', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const alarms = ofType('AWS::CloudWatch::Alarm').filter(({ Properties }) =>
    Properties.AlarmDescription?.includes('runbook'),
  );
  assert.equal(alarms.map(({ Properties }) => Properties.AlarmName.replace('clarity-', '')).sort(), WATCHED);
  for (const { Properties } of alarms) {
    assert.is(Properties.AlarmActions.length, 1);
    const id = Properties.AlarmName.replace('clarity-', '');
    assert.match(Properties.AlarmDescription, `docs/runbook.md#${id}`);
    const [, section = ''] = new RegExp(`^### ${id}$(.*?)(?=^##)`, 'ms').exec(runbook) ?? [];
    assert.match(section, /^\s*\*\*P[012]\.\*\* \S/, `${id}: how urgent, and what it means`);
    for (const [what, line] of [
      ['confirms', /^- Confirm: .*?`[^`]+`/ms],
      ['mends', /^- Mend: .*?`[^`]+`/ms],
    ] as const) {
      assert.match(section, line, `${id}: the command that ${what} it`);
    }
  }
  assert.is(ofType('AWS::CloudWatch::Dashboard').length, 1);
});

stacks('CloudWatch may publish to the topic of every alarm, for alarms of this account, and use its key', () => {
  for (const { templates } of [made, beside]) {
    const all = Object.values(templates).flatMap(({ Resources }) => Object.entries(Resources));
    const topics = all
      .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
      .flatMap(([, { Properties }]) => [...(Properties.AlarmActions ?? []), ...(Properties.OKActions ?? [])])
      .map(({ Ref }) => Ref as string)
      // Alarms of scaling call their policies.
      .filter((ref) => all.some(([id, { Type }]) => id === ref && Type === 'AWS::SNS::Topic'));
    assert.ok(topics.length >= 2 * WATCHED.length);
    for (const topic of new Set(topics)) {
      const statements = all
        .filter(
          ([, { Type, Properties }]) =>
            Type === 'AWS::SNS::TopicPolicy' && Properties.Topics.some(({ Ref }: any) => Ref === topic),
        )
        .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
      const [publish, ...others] = statements.filter(
        ({ Effect, Principal }: any) => Effect === 'Allow' && Principal.Service === 'cloudwatch.amazonaws.com',
      );
      assert.equal(others, []);
      assert.is(publish.Action, 'sns:Publish');
      assert.equal(publish.Resource, { Ref: topic });
      assert.equal(publish.Condition, { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
      const [, { Properties }] = all.find(([id]) => id === topic)!;
      assert.match(JSON.stringify(Properties.KmsMasterKeyId), 'StorageKey');
    }
    const [, key] = all.find(([id, { Type }]) => Type === 'AWS::KMS::Key' && id.startsWith('StorageKey'))!;
    const used = key.Properties.KeyPolicy.Statement.filter(
      ({ Effect, Principal, Condition }: any) =>
        Effect === 'Allow' &&
        Condition === undefined &&
        [Principal.Service].flat().includes('cloudwatch.amazonaws.com'),
    ).flatMap(({ Action }: any) => Action);
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey*']) assert.ok(used.includes(action), action);
  }
});

stacks(
  'a minute in which nothing was refused has its share of failed calls, and tasks are compared with those asked for',
  () => {
    const alarm = (id: string) =>
      only('AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName === `clarity-${id}`).Properties;
    const expression = (id: string): string => alarm(id).Metrics.find(({ Expression }: any) => Expression).Expression;
    assert.match(expression('server-errors'), 'FILL(answered, 0) + FILL(refused, 0)');
    assert.match(expression('too-few-tasks'), 'running < desired');
    assert.equal(
      alarm('too-few-tasks')
        .Metrics.filter(({ MetricStat }: any) => MetricStat)
        .map(({ Id, MetricStat }: any) => [Id, MetricStat.Metric.MetricName])
        .sort(),
      [
        ['desired', 'DesiredTaskCount'],
        ['running', 'RunningTaskCount'],
      ],
    );
    const { Name, VisibilityConfig } = only('AWS::WAFv2::WebACL').Properties;
    const { Dimensions } = alarm('blocked-calls');
    assert.equal([Name, VisibilityConfig.MetricName], ['clarity-rate-limiting', 'clarity-rate-limiting']);
    assert.is(Dimensions.find((one: any) => one.Name === 'WebACL').Value, Name);
  },
);

stacks('revisions of tasks stay when CloudFormation makes others, so that there is something to go back to', () => {
  for (const { DeletionPolicy, UpdateReplacePolicy } of ofType('AWS::ECS::TaskDefinition')) {
    assert.equal([DeletionPolicy, UpdateReplacePolicy], ['Retain', 'Retain']);
  }
});

stacks('the rule packs have nothing to say that is not answered, and no answer is left over', () => {
  const packs = made.report.pluginReports as Pack[];
  assert.equal(packs.map(({ pluginName }) => pluginName).sort(), ['AwsSolutions', 'HIPAA.Security']);
  for (const { violations } of [made, beside, tuned].flatMap(({ report }) => report.pluginReports as Pack[]))
    assert.equal(violations, []);
  const answered = new Set(
    [...packs, ...(beside.report.pluginReports as Pack[])].flatMap(({ suppressedViolations }) =>
      suppressedViolations.map(({ ruleName, reason }) => `${ruleName.replace(/\[.*/s, '')}: ${reason}`),
    ),
  );
  assert.equal(
    ACKNOWLEDGED.map(({ rule, reason }) => `${rule}: ${reason}`).filter((entry) => !answered.has(entry)),
    [],
  );
});

stacks('the task definition for whoever deploys without CloudFormation is the same task', () => {
  const [container] = made.taskDefinition.containerDefinitions;
  const [templated] = taskDefinition('clarity-backend').ContainerDefinitions;
  assert.equal(
    container.environment.map(({ name }: any) => name),
    templated.Environment.map(({ Name }: any) => Name),
  );
  assert.is(container.readonlyRootFilesystem, true);
  assert.not.match(JSON.stringify(made.taskDefinition), /Fn::|"Ref"/);
});

stacks('metrics are read by whom the description names, of both kinds of tasks, and by nobody else', () => {
  const onMetricsPort = (from: typeof made) =>
    from
      .ofType('AWS::EC2::SecurityGroup')
      .flatMap(({ Properties }) =>
        (Properties.SecurityGroupIngress ?? []).map((rule: any) => [
          Properties.GroupDescription,
          rule.FromPort,
          rule.ToPort,
          rule.SourceSecurityGroupId,
        ]),
      )
      .filter(([, port]) => port === 9464);
  assert.equal(onMetricsPort(made), []);
  assert.equal(onMetricsPort(tuned), [
    ['Tasks that serve', 9464, 9464, 'sg-0123456789abcdef0'],
    ['Tasks that work on jobs', 9464, 9464, 'sg-0123456789abcdef0'],
  ]);
});

stacks('further variables reach both kinds of tasks', () => {
  for (const { containerDefinitions } of [tuned.taskDefinition, tuned.workerTaskDefinition]) {
    const value = (name: string) => containerDefinitions[0].environment.find((one: any) => one.name === name)?.value;
    assert.equal([value('ENABLE_SELF_SIGNUP'), value('RATE_LIMITS')], ['false', 'multiplier=2']);
  }
});

stacks(
  'another key can wrap people’s data keys; with former ones tasks may only unwrap; no stack takes one back',
  () => {
    const [container] = tuned.taskDefinition.containerDefinitions;
    assert.is(container.environment.find(({ name }: any) => name === 'KMS_KEY_ID').value, OTHER_KEY);
    const { Statement } = tuned.only('AWS::IAM::ManagedPolicy').Properties.PolicyDocument;
    const about = (arn: string) => Statement.filter(({ Resource }: any) => [Resource].flat().includes(arn));
    assert.equal(
      about(FORMER_KEY).map(({ Action }: any) => Action),
      [['kms:Decrypt', 'kms:ReEncryptFrom']],
    );
    assert.ok(about(OTHER_KEY)[0].Action.includes('kms:GenerateDataKey'));
    const exported = (from: typeof made) =>
      Object.keys((from.templates['clarity-data'] as any).Outputs).filter((name) => name.includes('DataKey'));
    assert.equal(exported(tuned), exported(made));
    assert.is(exported(made).length, 1);
  },
);

const existing = suite('infrastructure beside what is there');

existing('nothing that exists is made again', () => {
  for (const type of [
    'AWS::EC2::VPC',
    'AWS::ECS::Cluster',
    'AWS::DynamoDB::Table',
    'AWS::Cognito::UserPool',
    'AWS::ECR::Repository',
    'AWS::CertificateManager::Certificate',
  ]) {
    assert.equal(beside.ofType(type), [], type);
  }
  // That of access logs alone.
  assert.is(beside.ofType('AWS::S3::Bucket').length, 1);
});

existing('the service runs in the cluster that is named, on the data that are named', () => {
  const web = beside.only(
    'AWS::ECS::Service',
    ({ ServiceName }) => ServiceName === 'clarity-2-backend-service',
  ).Properties;
  assert.is(web.Cluster, 'clarity-backend-cluster');
  const [container] = beside.taskDefinition.containerDefinitions;
  const value = (name: string) => container.environment.find((one: any) => one.name === name)?.value;
  assert.is(value('DYNAMODB_TABLE_NAME'), 'clarity-health-data');
  assert.is(value('S3_BUCKET_NAME'), 'clarity-health-data-storage');
  assert.is(value('COGNITO_USER_POOL_ID'), 'us-east-1_EXAMPLE00');
  const policy = JSON.stringify(beside.only('AWS::IAM::ManagedPolicy').Properties.PolicyDocument);
  assert.match(policy, ':table/clarity-health-data/index/processing-id-index');
});

/** What the account that is there has, as its operators have written down. */
const THERE = [
  '/ecs/clarity-backend',
  'clarity-ai-insights',
  'clarity-alb',
  'clarity-backend',
  'clarity-backend-cluster',
  'clarity-backend-rate-limiting',
  'clarity-backend-service',
  'clarity-backend-task-role',
  'clarity-health-data',
  'clarity-health-data-processing',
  'clarity-health-data-processing-dlq',
  'clarity-health-data-storage',
  'clarity-healthkit-raw',
  'clarity-healthkit-raw-data',
  'clarity-insights-queue',
  'clarity-insights-topic',
  'clarity-ml-models',
  'clarity-task-role-policy',
  'clarity-user-sessions',
  'clarity-users',
];

/** What names a resource of a kind, by its property. */
const OWN_NAMES =
  /^(?:Name|Family|(?:Service|LogGroup|Queue|Topic|Alarm|Dashboard|Alias|Table|Bucket|Role|Policy|ManagedPolicy|Repository|UserPool|Cluster)Name)$/;

existing('nothing that is made beside it carries a name of what exists', () => {
  const names = Object.values(beside.templates)
    .flatMap(({ Resources }) => Object.values(Resources))
    .flatMap(({ Properties = {} }) =>
      Object.entries(Properties).flatMap(([property, value]) =>
        OWN_NAMES.test(property) && typeof value === 'string' ? [value] : [],
      ),
    );
  assert.ok(names.length >= 2 * WATCHED.length, `only ${names.length} names`);
  assert.equal(
    names.filter((name) => THERE.includes(name)),
    [],
  );
  // All that the stacks name begin with what the description calls it; what the library names ends with a hash.
  const { name: own } = descriptionOf('existing-account');
  assert.equal(
    names.filter(
      (name) =>
        !/[0-9A-F]{8}$/.test(name) && !new RegExp(`^(?:/|/ecs/|alias/|aws-waf-logs-)?${own}(?:[-/]|$)`).test(name),
    ),
    [],
  );
});

existing('nobody registers by themselves where nobody did', () => {
  const [container] = beside.taskDefinition.containerDefinitions;
  assert.is(container.environment.find(({ name }: any) => name === 'ENABLE_SELF_SIGNUP').value, 'false');
});

const descriptions = suite('a deployment’s description');
const described = descriptionOf('existing-account');

descriptions('names what is wrong with it', () => {
  assert.equal(errorOf(readDeployment({ ...described, region: 7 })), ['region: 7 is not string']);
  assert.equal(errorOf(readDeployment({ ...described, leastTasks: 1 })), [
    'leastTasks: below 2, a zone that fails takes the service with it',
  ]);
  assert.equal(errorOf(readDeployment({ ...described, certificateArn: null })), [
    'certificateArn: without a hosted zone no certificate can be proved; name one',
  ]);
});

const faults = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  errorOf(readDeployment({ ...described, ...changes }));

descriptions('takes further variables that the service reads, with values that it takes, and no others', () => {
  const sound = {
    ENABLE_SELF_SIGNUP: 'false',
    RATE_LIMITS: 'login=20/min',
    PAT_MODEL: 'L',
    REDIS_URL: 'rediss://redis.example:6380',
    SENTRY_DSN: 'https://0123456789abcdef0123456789abcdef@o1.ingest.example/2',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    WEBHOOK_ALLOWED_HOSTS: 'hooks.example',
  };
  assert.equal(valueOf(readDeployment({ ...described, environment: sound })).environment, sound);
  assert.equal(faults({ environment: { ENABLE_SELFSIGNUP: 'false' } }), [
    'environment.ENABLE_SELFSIGNUP: is no variable that the service reads',
  ]);
  assert.equal(faults({ environment: { ENABLE_SELF_SIGNUP: 'no' } }), [
    'environment.ENABLE_SELF_SIGNUP: expected true or false',
  ]);
});

descriptions('leaves to the stacks what they set themselves', () => {
  for (const { containerDefinitions } of [made.taskDefinition, made.workerTaskDefinition]) {
    const [{ environment, secrets }] = containerDefinitions;
    for (const { name } of [...environment, ...secrets, { name: 'CORS_ALLOWED_ORIGINS' }]) {
      assert.equal(faults({ environment: { [name]: 'any' } }), [`environment.${name}: is set by the stacks`]);
    }
  }
});

descriptions('refuses readers of metrics who could be anybody, keys that are none, and names that nothing has', () => {
  for (const metricsFrom of ['0.0.0.0/0', 'everybody', '10.0.0.5', 'sg-xyz']) {
    assert.match(faults({ metricsFrom })[0]!, /^metricsFrom: neither/);
  }
  assert.is(valueOf(readDeployment({ ...described, metricsFrom: '10.0.0.0/16' })).metricsFrom, '10.0.0.0/16');
  assert.match(faults({ formerDataKeyArns: ['alias/clarity/data'] })[0]!, 'is not the ARN of a KMS key');
  assert.equal(faults({ metricFrom: 'sg-0123456789abcdef0' }), ['metricFrom: nothing is called so']);
});

stacks.run();
existing.run();
descriptions.run();
