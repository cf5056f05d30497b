import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TASK_ACTIONS } from '../../hosts/ecs/task-actions.ts';
import { runScript, type Answer } from './fake-aws.ts';
import { synthesizedFolder } from './synthesized.ts';

const SYNTHESIZED = synthesizedFolder('existing-account');
const ROLE = 'arn:aws:iam::111111111111:role/clarity-task';
const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/0';

/** What whoever deploys without CloudFormation has in the environment. */
const VALUES = {
  SYNTHESIZED,
  // As the description calls it; the cluster was there before.
  DEPLOYMENT: 'clarity-2',
  CLUSTER: 'clarity-backend-cluster',
  REPOSITORY_URI: '111111111111.dkr.ecr.us-east-1.amazonaws.com/clarity-backend',
  URL: 'https://clarity.example.org',
  TASK_ROLE_ARN: ROLE,
  EXECUTION_ROLE_ARN: 'arn:aws:iam::111111111111:role/clarity-execution',
  LOG_GROUP: '/ecs/clarity-2-backend',
  WORKER_EXECUTION_ROLE_ARN: 'arn:aws:iam::111111111111:role/clarity-worker-execution',
  WORKER_LOG_GROUP: '/ecs/clarity-2-worker',
  STUDY_KEY_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:clarity-2/study-key',
  S3_KMS_KEY_ID: 'arn:aws:kms:us-east-1:111111111111:key/0',
  KMS_KEY_ID: 'arn:aws:kms:us-east-1:111111111111:key/1',
  CLARITY_HEALTH_DATA_QUEUE: 'clarity-2-health-data-processing',
  CLARITY_DEAD_LETTER_QUEUE: 'clarity-2-health-data-processing-dlq',
  CLARITY_SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:111111111111:clarity-2-events',
  CERTIFICATE_ARN: CERTIFICATE,
  SMOKE: 'true',
} as const;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const manifest = (hash: string) => ({ models: [{ converted: { file: 'PAT-S.safetensors', sha256: hash } }] });
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const allowed = { EvaluationResults: [{ EvalActionName: 'any', EvalDecision: 'allowed' }] };
const secret: Answer = { to: 'secretsmanager describe-secret', says: [{}] };

/** An account in which everything is as it should be; what a test changes goes first. */
const SOUND: readonly Answer[] = [
  secret,
  { to: 'ecs describe-clusters', says: [{ clusters: [{ status: 'ACTIVE' }] }] },
  { to: 'ecs describe-services', says: [{ services: [{ status: 'ACTIVE' }] }] },
  { to: 'iam simulate-principal-policy', says: [allowed] },
  { to: 's3 cp s3://clarity-ml-models/pat/manifest.json', says: [manifest(sha256('weights'))] },
  { to: 's3 cp s3://clarity-ml-models/pat/PAT-S.safetensors', says: ['weights'] },
  { to: 'acm describe-certificate', says: [{ Certificate: { Status: 'ISSUED', NotAfter: inDays(60) } }] },
];

/** A task definition, changed. */
function definition(change: (described: any) => void = () => {}, name = 'task-definition.json'): string {
  const described = JSON.parse(readFileSync(path.join(SYNTHESIZED, name), 'utf8')) as unknown;
  change(described);
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'clarity-task-')), name);
  writeFileSync(file, JSON.stringify(described));
  return file;
}

const validation = suite('validate-config.sh');
const validated = (
  files: string | readonly string[],
  changed: readonly Answer[] = [],
  environment: Readonly<Record<string, string>> = {},
) =>
  runScript('validate-config.sh', [files].flat(), [...changed, ...SOUND], {
    ...VALUES,
    IMAGE: 'image',
    ...environment,
  });

validation('says what is in order, and asks nothing that changes anything', () => {
  const { code, said, calls } = validated(definition());
  assert.is(code, 0, said);
  assert.is(said.match(/^ok /gm)?.length, 6);
  for (const call of calls) assert.match(call, /^(?:\w+ (?:describe|simulate)-|s3 cp s3:)/);
  const simulated = calls.filter((call) => call.startsWith('iam '));
  assert.is(simulated.length, Object.keys(TASK_ACTIONS).length);
  for (const action of Object.values(TASK_ACTIONS).flat()) {
    assert.ok(
      simulated.some((call) => call.includes(` ${action} `)),
      action,
    );
  }
});

validation('without a file it looks at both definitions, each with its own role', () => {
  const { code, said, calls } = validated([]);
  assert.is(code, 0, said);
  assert.match(said, /secrets of task-definition\.json$/m);
  assert.match(said, /secrets of task-definition-worker\.json$/m);
  // Workers have no feature flags.
  assert.is(calls.filter((call) => call.startsWith('iam ')).length, 2 * Object.keys(TASK_ACTIONS).length - 1);
});

validation('a fault of the second definition is one too', () => {
  const small = definition((it) => (it.memory = '1024'), 'task-definition-worker.json');
  const { code, said } = validated([definition(), small]);
  assert.is(code, 1);
  assert.match(said, /memory is 1024 MiB/);
});

const MANIFEST = 's3 cp s3://clarity-ml-models/pat/manifest.json';
const notFound =
  'fatal error: An error occurred (404) when calling the HeadObject operation: Key "pat/manifest.json" does not exist';

validation('no manifest is a note, where S3 has said so of a bucket that is there', () => {
  const { code, said } = validated(definition(), [
    { to: MANIFEST, exit: 1, complains: notFound },
    { to: 's3api head-bucket', says: [''] },
  ]);
  assert.is(code, 0, said);
  assert.match(said, /^note {2}s3:\/\/clarity-ml-models\/pat has no manifest/m);
});

validation('plain HTTP needs no certificate, and it is said that none was looked at', () => {
  const { code, said } = validated(definition(), [], { CERTIFICATE_ARN: '', URL: 'http://10.0.0.5:8000' });
  assert.is(code, 0, said);
  assert.match(said, /^note .*no certificate was looked at/m);
});

const environmentWithout = (name: string) => (described: any) => {
  const [container] = described.containerDefinitions;
  container.environment = container.environment.filter((one: any) => one.name !== name);
};

/** What can be wrong, and the words that say it. */
const WRONG: readonly (readonly [string, string, readonly Answer[], RegExp])[] = [
  ['the platform', definition((it) => (it.runtimePlatform.cpuArchitecture = 'ARM64')), [], /platform is LINUX\/ARM64/],
  ['the memory', definition((it) => (it.memory = '1024')), [], /memory is 1024 MiB, below 2048/],
  [
    'a placeholder',
    definition((it) => (it.taskRoleArn = '${ANOTHER_ROLE_ARN}')),
    [],
    /not filled in: \$\{ANOTHER_ROLE_ARN\}/,
  ],
  ['a variable', definition(environmentWithout('COGNITO_CLIENT_ID')), [], /variable COGNITO_CLIENT_ID is missing/],
  ['a secret', definition((it) => (it.containerDefinitions[0].secrets = [])), [], /secret STUDY_KEY is missing/],
  ['a secret that is not there', definition(), [{ ...secret, exit: 254 }], /secret .* cannot be looked at/],
  ['the cluster', definition(), [{ to: 'ecs describe-clusters', says: [{ clusters: [] }] }], /cluster .* is absent/],
  ['the service', definition(), [{ to: 'ecs describe-services', says: [{ services: [] }] }], /service .* is absent in/],
  [
    'a permission',
    definition(),
    [
      {
        to: 'iam simulate-principal-policy',
        says: [{ EvaluationResults: [{ EvalActionName: 'dynamodb:Query', EvalDecision: 'implicitDeny' }] }],
      },
    ],
    /lacks dynamodb:Query on arn:aws:dynamodb:us-east-1:111111111111:table\/clarity-health-data/,
  ],
  [
    'a checksum',
    definition(),
    [{ to: 's3 cp s3://clarity-ml-models/pat/manifest.json', says: [manifest(sha256('other weights'))] }],
    /PAT-S\.safetensors is not what its manifest says/,
  ],
  [
    'a manifest that may not be read',
    definition(),
    [{ to: MANIFEST, exit: 1, complains: 'fatal error: An error occurred (403) when calling HeadObject: Forbidden' }],
    /manifest\.json cannot be looked at/,
  ],
  [
    'no bucket of models',
    definition(),
    [
      { to: MANIFEST, exit: 1, complains: notFound },
      { to: 's3api head-bucket', exit: 254 },
    ],
    /manifest\.json cannot be looked at/,
  ],
  ['a manifest that is none', definition(), [{ to: MANIFEST, says: ['<html>'] }], /manifest\.json is no manifest/],
  [
    'the certificate',
    definition(),
    [{ to: 'acm describe-certificate', says: [{ Certificate: { Status: 'ISSUED', NotAfter: inDays(-1.5) } }] }],
    /certificate is ISSUED, with -2 days left/,
  ],
];
for (const [what, file, answers, words] of WRONG) {
  validation(`exits with 1 and says what to do: ${what}`, () => {
    const { code, said } = validated(file, answers);
    assert.is(code, 1, said);
    assert.match(said, words);
    // One thing, and one line about it.
    assert.is(said.match(/^FAIL/gm)?.length, 1);
    assert.match(said, /^FAIL .*\n {6}\S/m);
  });
}
validation('HTTPS needs a certificate that is looked at', () => {
  const { code, said } = validated(definition(), [], { CERTIFICATE_ARN: '' });
  assert.is(code, 1);
  assert.match(said, /^FAIL {2}CERTIFICATE_ARN is not set, and https:/m);
});
validation('a definition that is no JSON fails', () => {
  const file = definition();
  writeFileSync(file, '<html>');
  const { code, said } = validated(file);
  assert.is(code, 1);
  assert.match(said, /task-definition\.json cannot be read/);
});
validation('a wrong call is told what a right one is', () => {
  assert.is(runScript('validate-config.sh', ['--help'], []).code, 2);
});

const web = (revision: number): string =>
  `arn:aws:ecs:us-east-1:111111111111:task-definition/clarity-2-backend:${revision}`;
const worker = (revision: number): string =>
  `arn:aws:ecs:us-east-1:111111111111:task-definition/clarity-2-worker:${revision}`;
const rollout = (taskDefinition: string, rolloutState = 'COMPLETED') => ({
  services: [{ status: 'ACTIVE', taskDefinition, deployments: [{ status: 'PRIMARY', taskDefinition, rolloutState }] }],
});
const ofService = (name: string): string =>
  `ecs describe-services --cluster clarity-backend-cluster --services ${name}`;
const WEB = 'clarity-2-backend-service';
const WORKER = 'clarity-2-worker-service';

/** As sound, and an update from revision 7 to 8 that goes well. */
const DEPLOYABLE: readonly Answer[] = [
  { to: 'ecr describe-images', says: [{}] },
  // Validation asks first, then comes what serves now, then the waiting.
  { to: ofService(WEB), says: [rollout(web(7)), rollout(web(7)), rollout(web(8), 'IN_PROGRESS'), rollout(web(8))] },
  { to: ofService(WORKER), says: [rollout(worker(7)), rollout(worker(7)), rollout(worker(8))] },
  {
    to: 'ecs register-task-definition',
    says: [{ taskDefinition: { taskDefinitionArn: web(8) } }, { taskDefinition: { taskDefinitionArn: worker(8) } }],
  },
  { to: 'ecs update-service', says: [{}] },
  { to: 'ecs tag-resource', says: [''] },
  ...SOUND,
];
const deployed = (changed: readonly Answer[] = [], environment: Readonly<Record<string, string>> = {}) =>
  runScript('deploy.sh', ['--tag', 'abc'], [...changed, ...DEPLOYABLE], { ...VALUES, ...environment });
const updates = (calls: readonly string[]): readonly string[] =>
  calls
    .filter((call) => call.startsWith('ecs update-service'))
    .map((call) => / --task-definition \S*\/(\S+)/.exec(call)![1]!);

const deployment = suite('deploy.sh');

deployment('validates, updates workers and then the service, waits, and marks what has passed', () => {
  const { code, said, calls } = deployed();
  assert.is(code, 0, said);
  assert.equal(updates(calls), ['clarity-2-worker:8', 'clarity-2-backend:8']);
  const firstChange = calls.findIndex((call) => /^ecs (?:register|update)/.test(call));
  assert.ok(calls.findIndex((call) => call.startsWith('iam ')) < firstChange);
  assert.equal(
    calls.filter((call) => call.startsWith('ecs tag-resource')).map((call) => /clarity-2-\w+:\d/.exec(call)![0]),
    ['clarity-2-backend:8', 'clarity-2-worker:8'],
  );
});

deployment(
  'workers have a log and an execution role of their own, and nothing is deployed while they are not told',
  () => {
    const worker = readFileSync(path.join(SYNTHESIZED, 'task-definition-worker.json'), 'utf8');
    assert.match(worker, /"executionRoleArn": "\$\{WORKER_EXECUTION_ROLE_ARN\}"/);
    assert.match(worker, /"awslogs-group": "\$\{WORKER_LOG_GROUP\}"/);
    const web = readFileSync(path.join(SYNTHESIZED, 'task-definition.json'), 'utf8');
    assert.match(web, /"executionRoleArn": "\$\{EXECUTION_ROLE_ARN\}"/);
    assert.match(web, /"awslogs-group": "\$\{LOG_GROUP\}"/);
    const { code, said, calls } = deployed([], { WORKER_LOG_GROUP: '' });
    assert.is(code, 1);
    assert.match(said, /not filled in: \$\{WORKER_LOG_GROUP\}/);
    assert.not.match(calls.join('\n'), 'ecs register');
  },
);

deployment('changes nothing where validation fails, or there is no such image', () => {
  for (const answer of [
    { to: 'ecs describe-clusters', says: [{ clusters: [] }] },
    { to: 'ecr describe-images', exit: 254 },
  ]) {
    const { code, calls } = deployed([answer]);
    assert.is(code, 1);
    assert.equal(
      calls.filter((call) => /register|update|tag/.test(call.split(' --')[0]!)),
      [],
    );
  }
});

deployment('goes back where new workers do not come up, and leaves the service alone', () => {
  const { code, said, calls } = deployed([
    {
      to: ofService(WORKER),
      says: [rollout(worker(7)), rollout(worker(7)), rollout(worker(8), 'FAILED'), rollout(worker(7))],
    },
  ]);
  assert.is(code, 1);
  assert.match(said, /the new workers did not come up/);
  assert.equal(updates(calls), ['clarity-2-worker:8', 'clarity-2-worker:7']);
});

deployment('goes back where ECS has gone back, and where the walk through the service fails', () => {
  const gone = deployed([
    { to: ofService(WEB), says: [rollout(web(7))] },
    { to: ofService(WORKER), says: [rollout(worker(7)), rollout(worker(7)), rollout(worker(8)), rollout(worker(7))] },
  ]);
  assert.is(gone.code, 1);
  assert.equal(updates(gone.calls), [
    'clarity-2-worker:8',
    'clarity-2-backend:8',
    'clarity-2-backend:7',
    'clarity-2-worker:7',
  ]);
  const walked = deployed(
    [
      { to: ofService(WEB), says: [rollout(web(7)), rollout(web(7)), rollout(web(8)), rollout(web(7))] },
      { to: ofService(WORKER), says: [rollout(worker(7)), rollout(worker(7)), rollout(worker(8)), rollout(worker(7))] },
    ],
    { SMOKE: 'false' },
  );
  assert.is(walked.code, 1);
  assert.match(walked.said, /walk through the service failed/);
  assert.equal(updates(walked.calls), [
    'clarity-2-worker:8',
    'clarity-2-backend:8',
    'clarity-2-backend:7',
    'clarity-2-worker:7',
  ]);
  assert.equal(
    walked.calls.filter((call) => call.startsWith('ecs tag-resource')),
    [],
  );
});

deployment('no failure of a call is passed over', () => {
  const { calls } = deployed();
  const kinds = [...new Set(calls.map((call) => call.split(' ').slice(0, 2).join(' ')))];
  for (const kind of kinds) {
    const { code, said } = deployed([{ to: kind, exit: 255 }]);
    assert.is(code, 1, `${kind}: ${said}`);
  }
});

deployment('wants a tag, and known words', () => {
  assert.is(runScript('deploy.sh', [], DEPLOYABLE, VALUES).code, 1);
  assert.is(runScript('deploy.sh', ['--now'], DEPLOYABLE, VALUES).code, 2);
});

const back = suite('rollback.sh');
const revisions = (arn: (revision: number) => string, family: string): Answer => ({
  to: `ecs list-task-definitions --family-prefix ${family} `,
  says: [{ taskDefinitionArns: [9, 8, 7, 6].map(arn) }],
});
const proved = { tags: [{ key: 'proved', value: 'true' }] };
const SERVING: readonly Answer[] = [
  { to: ofService(WEB), says: [rollout(web(8)), rollout(web(6), 'IN_PROGRESS'), rollout(web(6))] },
  { to: ofService(WORKER), says: [rollout(worker(8)), rollout(worker(7))] },
  revisions(web, 'clarity-2-backend'),
  revisions(worker, 'clarity-2-worker'),
  { to: `ecs list-tags-for-resource --resource-arn ${web(7)}`, says: [{ tags: [] }] },
  { to: 'ecs list-tags-for-resource', says: [proved] },
  { to: 'ecs update-service', says: [{}] },
  { to: 'ecs tag-resource', says: [''] },
];
const rolledBack = (args: readonly string[], changed: readonly Answer[] = []) =>
  runScript('rollback.sh', args, [...changed, ...SERVING], VALUES);

back('goes to the newest earlier revision that has passed, of the service and of its workers', () => {
  const { code, said, calls } = rolledBack([]);
  assert.is(code, 0, said);
  assert.equal(updates(calls), ['clarity-2-backend:6', 'clarity-2-worker:7']);
});

back('is not back where the revision that is to go serves again, or new tasks do not come', () => {
  for (const states of [
    [rollout(web(8)), rollout(web(6), 'IN_PROGRESS'), rollout(web(8))],
    [rollout(web(8)), rollout(web(6), 'FAILED')],
  ]) {
    const { code, said } = rolledBack([], [{ to: ofService(WEB), says: states }]);
    assert.is(code, 1);
    assert.match(said, /^FAIL {2}clarity-2-backend-service did not come to serve with \S+:6$/m);
    assert.not.match(said, 'is back');
  }
});

back('marks what runs as proved, once all tasks are of it', () => {
  const { code, said, calls } = rolledBack(
    ['--mark-proved'],
    [
      { to: ofService(WEB), says: [rollout(web(8))] },
      { to: ofService(WORKER), says: [rollout(worker(8))] },
    ],
  );
  assert.is(code, 0, said);
  assert.equal(updates(calls), []);
  assert.equal(
    calls.filter((call) => call.startsWith('ecs tag-resource')),
    [web(8), worker(8)].map((arn) => `ecs tag-resource --resource-arn ${arn} --tags key=proved,value=true`),
  );
  const unready = rolledBack(
    ['--mark-proved'],
    [
      { to: ofService(WEB), says: [rollout(web(8))] },
      { to: ofService(WORKER), says: [rollout(worker(8)), rollout(worker(8), 'FAILED')] },
    ],
  );
  assert.is(unready.code, 1);
  assert.not.match(unready.calls.join('\n'), 'tag-resource');
});

back('goes where it is told to', () => {
  const { code, said, calls } = rolledBack(
    ['--to', '5'],
    [{ to: ofService(WEB), says: [rollout(web(8)), rollout(web(5))] }],
  );
  assert.is(code, 0, said);
  assert.match(
    calls.find((call) => call.startsWith('ecs update-service'))!,
    '--task-definition clarity-2-backend:5',
  );
});

back('exits with 1 where nothing earlier has passed, or it does not come up', () => {
  const none = rolledBack([], [{ to: 'ecs list-tags-for-resource', says: [{ tags: [] }] }]);
  assert.is(none.code, 1);
  assert.match(none.said, /no revision of clarity-2-backend before 8 has served and passed/);
  assert.equal(updates(none.calls), []);
  for (const { to } of SERVING.filter((answer) => answer.to !== 'ecs tag-resource')) {
    assert.is(rolledBack([], [{ to, exit: 255 }]).code, 1, to);
  }
  assert.is(rolledBack(['--to', 'x']).code, 2);
});

validation.run();
deployment.run();
back.run();
