import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_RATE_LIMITS } from '../../../core/limits/model.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { errorOf, valueOf } from '../result-values.ts';

const DEFAULTS = {
  environment: 'development',
  host: '127.0.0.1',
  port: 8000,
  storage: 'embedded',
  aws: null,
  awsSettings: {
    region: null,
    endpointUrls: { dynamodb: null, s3: null, sqs: null, sns: null, cognito: null, sts: null, kms: null, ssm: null },
  },
  dataDir: '.data',
  logLevel: 'info',
  signUpEnabled: true,
  accounts: {
    requireEmailVerification: false,
    lock: { mostFailures: 3, lockMs: 900_000 },
    signingKeyMostAgeMs: 90 * 86_400_000,
    mail: { smtpUrl: null, from: 'Clarity <no-reply@localhost>' },
  },
  jsonLimitBytes: 5_242_880,
  exportLimitBytes: 4_294_967_296,
  mostMetricsPerUpload: 1000,
  uploadQuota: { mostStoredBytes: 20 * 1024 ** 3, mostRunning: 20 },
  rateLimits: DEFAULT_RATE_LIMITS,
  redisUrl: null,
  corsOrigins: [],
  publicUrl: null,
  trustedProxies: 0,
  webhookAllowedHosts: [],
  studyKey: null,
  modelDir: 'models',
  modelChoice: null,
  engine: 'auto',
  mostWeeksEncoding: 64,
  runJobs: true,
  concurrentJobs: 1,
  metricsPort: null,
  observe: { embeddedMetrics: false, otlp: null, sentryDsn: null },
  features: null,
  featureFlagsParameter: null,
  shutdownDelayMs: 0,
};

test('an empty environment is the embedded default on port 8000', () => {
  assert.equal(valueOf(readConfig({})), DEFAULTS);
});

test('a variable that is empty or blank is not set', () => {
  assert.equal(valueOf(readConfig({ PORT: '', STORAGE: '  ', DATA_DIR: '\t', PUBLIC_URL: undefined })), DEFAULTS);
});

test('every setting can be set', () => {
  assert.equal(
    valueOf(
      readConfig({
        ENVIRONMENT: 'production',
        HOST: '0.0.0.0',
        PORT: '9001',
        STORAGE: 'memory',
        DATA_DIR: '/var/lib/clarity',
        LOG_LEVEL: 'warn',
        ENABLE_SELF_SIGNUP: 'false',
        REQUIRE_EMAIL_VERIFICATION: 'true',
        LOGIN_ATTEMPTS: '5',
        LOGIN_LOCK_MINUTES: '30',
        SIGNING_KEY_MAX_AGE_DAYS: '0',
        SMTP_URL: 'smtps://user:secret@mail.example:465',
        MAIL_FROM: 'Klarheit für alle <clarity@example.org>',
        MAX_JSON_BYTES: '2048',
        MAX_EXPORT_BYTES: '4096',
        MAX_METRICS_PER_UPLOAD: '10',
        RATE_LIMITS: 'login=3/min',
        MAX_STORED_BYTES_PER_USER: '5000',
        MAX_RUNNING_JOBS_PER_USER: '0',
        REDIS_URL: 'rediss://user:secret@redis.example:6380/1',
        CORS_ALLOWED_ORIGINS: 'https://app.example, http://localhost:3000,',
        PUBLIC_URL: 'https://clarity.example/base',
        WEBHOOK_ALLOWED_HOSTS: 'hooks.internal:8080',
        PAT_MODEL_BASE_DIR: '/data/models',
        PAT_MODEL: 'L',
        PAT_ENGINE: 'WASM',
        PAT_QUEUE_WEEKS: '8',
        RUN_JOBS: 'false',
        CONCURRENT_JOBS: '4',
        METRICS_PORT: '9464',
        FEATURES: 'data:12.5%,insights:off',
        FEATURE_FLAGS_PARAMETER: '/clarity/feature-flags',
        SHUTDOWN_DELAY_MS: '2500',
      }),
    ),
    {
      environment: 'production',
      host: '0.0.0.0',
      port: 9001,
      storage: 'memory',
      aws: null,
      awsSettings: DEFAULTS.awsSettings,
      dataDir: '/var/lib/clarity',
      logLevel: 'warn',
      signUpEnabled: false,
      accounts: {
        requireEmailVerification: true,
        lock: { mostFailures: 5, lockMs: 1_800_000 },
        signingKeyMostAgeMs: null,
        mail: {
          smtpUrl: 'smtps://user:secret@mail.example:465',
          from: 'Klarheit für alle <clarity@example.org>',
        },
      },
      jsonLimitBytes: 2048,
      exportLimitBytes: 4096,
      mostMetricsPerUpload: 10,
      uploadQuota: { mostStoredBytes: 5000, mostRunning: null },
      rateLimits: { ...DEFAULT_RATE_LIMITS, login: { calls: 3, windowMs: 60_000 } },
      redisUrl: 'rediss://user:secret@redis.example:6380/1',
      corsOrigins: ['https://app.example', 'http://localhost:3000'],
      publicUrl: 'https://clarity.example/base',
      trustedProxies: 0,
      webhookAllowedHosts: ['hooks.internal:8080'],
      studyKey: null,
      modelDir: '/data/models',
      modelChoice: 'L',
      engine: 'wasm',
      mostWeeksEncoding: 8,
      runJobs: false,
      concurrentJobs: 4,
      metricsPort: 9464,
      observe: { embeddedMetrics: false, otlp: null, sentryDsn: null },
      features: { auth: 100, data: 12.5, analysis: 100, insights: 0 },
      featureFlagsParameter: '/clarity/feature-flags',
      shutdownDelayMs: 2500,
    },
  );
});

test('in production a process that is told to stop answers on for a while, unless it is set', () => {
  const delayOf = (environment: Readonly<Record<string, string>>): number =>
    valueOf(readConfig({ ENVIRONMENT: 'production', ...environment })).shutdownDelayMs;
  assert.is(delayOf({}), 5000);
  assert.is(delayOf({ SHUTDOWN_DELAY_MS: '0' }), 0);
});

test('features that are not understood stop the start', () => {
  for (const FEATURES of ['datta:off', 'data:perhaps', 'data']) {
    assert.equal(
      errorOf(readConfig({ FEATURES })).map(({ variable }) => variable),
      ['FEATURES'],
    );
  }
});

test('space around a value and the case of a word do not matter', () => {
  const config = valueOf(
    readConfig({ PORT: ' 9001 ', STORAGE: 'Memory', LOG_LEVEL: 'DEBUG', PUBLIC_URL: ' http://ab ' }),
  );
  assert.equal(
    [config.port, config.storage, config.logLevel, config.publicUrl],
    [9001, 'memory', 'debug', 'http://ab'],
  );
});

const WRONG: Readonly<Record<string, readonly string[]>> = {
  ENVIRONMENT: ['prod'],
  PORT: ['-1', '65536', '80.5', '8e3', 'http'],
  STORAGE: ['postgres'],
  LOG_LEVEL: ['loud'],
  ENABLE_SELF_SIGNUP: ['yes', '1'],
  REQUIRE_EMAIL_VERIFICATION: ['yes', '0'],
  LOGIN_ATTEMPTS: ['0', '101', 'three'],
  LOGIN_LOCK_MINUTES: ['0', '1441'],
  SIGNING_KEY_MAX_AGE_DAYS: ['-1', '3651', 'never'],
  SMTP_URL: ['mail.example', 'http://mail.example', 'smtp://', 'smtp://a b'],
  MAIL_FROM: ['clarity', 'a@b@c', 'Clarity <clarity>', 'a\n <b@c>', 'A, B <a@b>', '"x" <a@b>'],
  MAX_JSON_BYTES: ['0', '1023', '5 MB', '9999999999999999'],
  MAX_EXPORT_BYTES: ['1023'],
  MAX_METRICS_PER_UPLOAD: ['0', '10001'],
  RATE_LIMITS: ['on', 'register=5'],
  MAX_STORED_BYTES_PER_USER: ['-1', '1.5', '1e9', '100000000000001'],
  MAX_RUNNING_JOBS_PER_USER: ['-1', 'many', '100001'],
  REDIS_URL: ['redis.example', 'http://redis.example', 'redis://', 'redis://a/b'],
  CORS_ALLOWED_ORIGINS: ['*', 'app.example', 'https://app.example/', 'https://ok.example,nonsense'],
  PAT_MODEL: ['../weights', 'a b', 'S/M'],
  PAT_ENGINE: ['gpu', 'onnx,wasm'],
  PAT_QUEUE_WEEKS: ['0', 'many'],
  METRICS_PORT: ['-1', '65536', 'on'],
  METRICS_EMF: ['yes', '1'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'grpc://collector:4317', 'http://collector:4318/'],
  OTEL_EXPORTER_OTLP_HEADERS: ['authorization', 'a b=c', 'a=b,,', 'a=%ff', 'a=b%0ac'],
  OTEL_TRACES_SAMPLER_ARG: ['-0.1', '1.5', 'half', '1e-1'],
  SENTRY_DSN: [
    'https://sentry.example/42',
    'key@sentry.example/42',
    'https://key@sentry.example/',
    'https://a:secret@c/1',
  ],
  PUBLIC_URL: ['clarity.example', 'ftp://clarity.example', 'https://clarity.example/', 'http://a b'],
};

for (const [variable, values] of Object.entries(WRONG)) {
  for (const value of values) {
    test(`${variable}=${value} is refused, and what is expected is said`, () => {
      const [problem, ...others] = errorOf(readConfig({ [variable]: value }));
      assert.is(problem?.variable, variable);
      assert.match(problem?.message ?? '', /^expected /);
      assert.equal(others, []);
    });
  }
}

test('who is told of what happens is read from the variables that other programs have for it', () => {
  const config = valueOf(
    readConfig({
      METRICS_EMF: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20abc%3D, x-team = a',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      SENTRY_DSN: 'https://key@sentry.example:8443/under/42',
    }),
  );
  assert.equal(config.observe, {
    embeddedMetrics: true,
    otlp: {
      endpointUrl: 'http://collector:4318',
      headers: { authorization: 'Basic abc=', 'x-team': 'a' },
      sampledShare: 0.25,
    },
    sentryDsn: 'https://key@sentry.example:8443/under/42',
  });
  for (const share of ['0', '1', '1.0', '.5']) {
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector', OTEL_TRACES_SAMPLER_ARG: share };
    assert.is(valueOf(readConfig(settings)).observe.otlp?.sampledShare, Number(share));
  }
});

test('metrics in the log need a log that has warnings', () => {
  for (const level of ['error', 'fatal', 'silent']) {
    assert.equal(
      errorOf(readConfig({ METRICS_EMF: 'true', LOG_LEVEL: level })).map(({ variable }) => variable),
      ['METRICS_EMF'],
    );
  }
  assert.is(valueOf(readConfig({ METRICS_EMF: 'true', LOG_LEVEL: 'warn' })).observe.embeddedMetrics, true);
});

test('everything that is wrong is told at once', () => {
  const environment = Object.fromEntries(Object.entries(WRONG).map(([variable, [value]]) => [variable, value]));
  const problems = errorOf(readConfig(environment));
  assert.equal(problems.map(({ variable }) => variable).sort(), Object.keys(WRONG).sort());
});

test('port 0, which asks for any free port, and the ends of the ranges are accepted', () => {
  assert.is(valueOf(readConfig({ PORT: '0' })).port, 0);
  assert.is(valueOf(readConfig({ PORT: '65535' })).port, 65_535);
  assert.is(valueOf(readConfig({ MAX_METRICS_PER_UPLOAD: '10000' })).mostMetricsPerUpload, 10_000);
});

test('whoever sends mail through a server has to say from whom', () => {
  const [problem, ...others] = errorOf(readConfig({ SMTP_URL: 'smtp://mail.example' }));
  assert.equal([problem?.variable, others], ['MAIL_FROM', []]);
  const set = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'clarity@example.org' };
  assert.equal(valueOf(readConfig(set)).accounts.mail, { smtpUrl: 'smtp://mail.example', from: 'clarity@example.org' });
});

const POOL = { STORAGE: 'aws', COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI', COGNITO_CLIENT_ID: '1example23456789' };

const AWS_DEFAULTS = {
  settings: {
    region: 'us-east-1',
    endpointUrls: { dynamodb: null, s3: null, sqs: null, sns: null, cognito: null, sts: null, kms: null, ssm: null },
  },
  tableName: 'clarity-health-data',
  bucketName: 'clarity-health-uploads',
  kmsKeyId: null,
  dataKmsKeyId: null,
  queueName: 'clarity-health-data-processing',
  deadLetterQueueName: 'clarity-health-data-processing-dlq',
  topicArn: null,
  userPoolId: 'us-east-1_AbCdEfGhI',
  clientId: '1example23456789',
  cognitoRegion: null,
  ttlDays: null,
};

test('the profile aws needs a user pool and its client, and takes the existing names for the rest', () => {
  assert.equal(valueOf(readConfig(POOL)).aws, AWS_DEFAULTS);
  assert.equal(
    errorOf(readConfig({ STORAGE: 'aws' })).map(({ variable }) => variable),
    ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID'],
  );
  assert.is(valueOf(readConfig({ ...POOL, STORAGE: 'embedded', DYNAMODB_TABLE_NAME: '?' })).aws, null);
});

test('every service can have an endpoint of its own, and all of them one', () => {
  const endpoints = (environment: Record<string, string>) =>
    valueOf(readConfig({ ...POOL, ...environment })).aws?.settings.endpointUrls;
  const one = 'http://127.0.0.1:5000';
  assert.equal(endpoints({ AWS_ENDPOINT_URL: one, SQS_ENDPOINT_URL: 'http://127.0.0.1:6000' }), {
    dynamodb: one,
    s3: one,
    sqs: 'http://127.0.0.1:6000',
    sns: one,
    cognito: one,
    sts: one,
    kms: one,
    ssm: one,
  });
  assert.equal(endpoints({ S3_ENDPOINT_URL: one })?.s3, one);
});

test('every setting of AWS can be set, and what cannot be a name of AWS is told', () => {
  const { aws } = valueOf(
    readConfig({
      ...POOL,
      AWS_DEFAULT_REGION: 'eu-central-1',
      COGNITO_REGION: 'eu-west-1',
      DYNAMODB_TABLE_NAME: 'a.table',
      DYNAMODB_TTL_DAYS: '90',
      S3_BUCKET_NAME: 'a-bucket',
      S3_KMS_KEY_ID: 'alias/clarity',
      KMS_KEY_ID: 'alias/clarity-data',
      CLARITY_HEALTH_DATA_QUEUE: 'a-queue',
      CLARITY_DEAD_LETTER_QUEUE: 'another',
      CLARITY_SNS_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:a-topic',
    }),
  );
  assert.equal(aws, {
    ...AWS_DEFAULTS,
    settings: { ...AWS_DEFAULTS.settings, region: 'eu-central-1' },
    cognitoRegion: 'eu-west-1',
    tableName: 'a.table',
    ttlDays: 90,
    bucketName: 'a-bucket',
    kmsKeyId: 'alias/clarity',
    dataKmsKeyId: 'alias/clarity-data',
    queueName: 'a-queue',
    deadLetterQueueName: 'another',
    topicArn: 'arn:aws:sns:eu-central-1:123456789012:a-topic',
  });
  const wrong = {
    AWS_REGION: 'Frankfurt',
    DYNAMODB_TABLE_NAME: 'a table',
    S3_BUCKET_NAME: 'UPPER',
    CLARITY_HEALTH_DATA_QUEUE: 'a.queue',
    CLARITY_SNS_TOPIC_ARN: 'a-topic',
    COGNITO_USER_POOL_ID: 'pool',
    DYNAMODB_TTL_DAYS: '0',
    SQS_ENDPOINT_URL: 'localhost',
  };
  assert.equal(
    new Set(errorOf(readConfig({ ...POOL, ...wrong })).map(({ variable }) => variable)),
    new Set(Object.keys(wrong)),
  );
});

test('hosts that webhooks may reach are read as URLs write them', () => {
  const read = (value: string) => readConfig({ WEBHOOK_ALLOWED_HOSTS: value });
  assert.equal(
    valueOf(read(' Hooks.Example , 0x7f.1:8080, [FD00::0:5]:80,[::1], bücher.example:080')).webhookAllowedHosts,
    ['hooks.example', '127.0.0.1:8080', '[fd00::5]:80', '[::1]', 'xn--bcher-kva.example:80'],
  );
  for (const value of ['http://x', 'x/y', 'x:70000', 'x:y', 'a b', 'ada@x', '::1', 'x:', '[zz]', '999.999.999.999']) {
    assert.equal(
      errorOf(read(value)).map(({ variable }) => variable),
      ['WEBHOOK_ALLOWED_HOSTS'],
      value,
    );
  }
});

test('a study key is a text of 32 characters or more', () => {
  const STUDY_KEY = 'x'.repeat(32);
  assert.is(valueOf(readConfig({ STUDY_KEY })).studyKey, STUDY_KEY);
  for (const wrong of ['x'.repeat(31), 'x'.repeat(257), `${'x'.repeat(32)} y`]) {
    const [problem, ...others] = errorOf(readConfig({ STUDY_KEY: wrong }));
    assert.equal([problem?.variable, others], ['STUDY_KEY', []]);
    assert.not.match(problem?.message ?? '', wrong);
  }
});

test.run();
