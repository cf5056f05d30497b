import { err, ok, type Result } from 'neverthrow';
import type { AwsResources, AwsSettings } from '../../adapters/aws/settings.ts';
import type { FeatureShares } from '../../core/flags/model.ts';
import { readShares } from '../../core/flags/read-shares.ts';
import type { UploadQuota } from '../../core/health-data/upload-quota.ts';
import type { RateLimits } from '../../core/limits/model.ts';
import { ENGINE_CHOICES, type EngineChoice } from '../../core/pat/ports.ts';
import { readAwsConfig, readAwsSettings } from './aws-config.ts';
import { readAccountConfig, type AccountConfig } from './mail.ts';
import { readObserveConfig, type ObserveConfig } from './observe-config.ts';
import { readRateLimits } from './rate-limits.ts';
import {
  amountOrNone,
  settingsReader,
  type SettingProblem,
  flag,
  hostList,
  httpUrl,
  matching,
  oneOf,
  originList,
  variable,
  wholeNumber,
  words,
} from './setting-codecs.ts';

/** Everything that can be set from outside, with its meaning and default. The one place where the environment is read. */
export interface Config {
  readonly environment: 'development' | 'testing' | 'staging' | 'production';
  readonly host: string;
  readonly port: number;
  /** `embedded`: SQLite and files under `dataDir`. `memory`: nothing is kept. `aws`: as `aws` says. */
  readonly storage: 'embedded' | 'memory' | 'aws';
  /** Null unless the storage is `aws`. */
  readonly aws: AwsResources | null;
  /** Where AWS is, for models that are kept or fetched there in any profile. */
  readonly awsSettings: AwsSettings;
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly signUpEnabled: boolean;
  readonly accounts: AccountConfig;
  readonly jsonLimitBytes: number;
  readonly exportLimitBytes: number;
  readonly mostMetricsPerUpload: number;
  /** How much one person may keep, and have worked on at once. */
  readonly uploadQuota: UploadQuota;
  /** How many calls are answered, by class of call; null: however many come. */
  readonly rateLimits: RateLimits | null;
  /** A Redis in which all processes count calls; null: they do in the storage. */
  readonly redisUrl: string | null;
  readonly corsOrigins: readonly string[];
  readonly publicUrl: string | null;
  /** Proxies in front of this process that are trusted to say who the client is and whether it came over HTTPS. */
  readonly trustedProxies: number;
  /** A port on which metrics are shown without a token; null: nowhere. It is to be reachable by the operator alone. */
  readonly metricsPort: number | null;
  readonly observe: ObserveConfig;
  /** `host` or `host:port` that webhooks may reach over plain HTTP and at private addresses. */
  readonly webhookAllowedHosts: readonly string[];
  /** The secret behind the pseudonyms of research; null: a file of the embedded storage, and no research on AWS. */
  readonly studyKey: string | null;
  /** The folder of installed models, with their manifest. */
  readonly modelDir: string;
  /** `S`, `M`, `L`, an id, or null for the last installed. */
  readonly modelChoice: string | null;
  readonly engine: EngineChoice;
  /** Weeks that may wait for the encoder or be encoded at once. */
  readonly mostWeeksEncoding: number;
  /** Whether the serving process works on jobs too; false where workers do. */
  readonly runJobs: boolean;
  /** Jobs that one process works on at once. */
  readonly concurrentJobs: number;
  /** Who has which feature; null: everybody has all, or what the parameter says. */
  readonly features: FeatureShares | null;
  /** Where in AWS Systems Manager the feature flags are kept; null: only in the settings. */
  readonly featureFlagsParameter: string | null;
  /**
   * How long the process still answers once it was told to stop and has begun to say that it is not ready, so that load
   * balancers notice.
   */
  readonly shutdownDelayMs: number;
}

const MIB = 1024 * 1024;
/** Together with what drains afterwards it stays below the 30 seconds that container platforms grant by default. */
const MOST_SHUTDOWN_DELAY_MS = 15_000;
/** In production there is a load balancer, as a rule; a person at a terminal does not want to wait. */
const PRODUCTION_SHUTDOWN_DELAY_MS = 5000;
const MOST_STORED_BYTES = 100_000_000_000_000;
const MOST_RUNNING_JOBS = 100_000;

const redisUrl = matching(
  'a URL such as redis://redis.example:6379 or rediss://user:password@redis.example:6380',
  /^rediss?:\/\/[^\s/]+(?:\/\d{0,4})?$/,
);
const studySecret = matching('a random text of 32 to 256 characters without spaces', /^\S{32,256}$/);
const modelName = matching('S, M, L or the id of an installed model', /^[A-Za-z0-9._-]{1,100}$/);

/** Metrics for CloudWatch are warnings of the log. */
const TOLD_OF_WARNINGS: ReadonlySet<Config['logLevel']> = new Set(['warn', 'info', 'debug', 'trace']);
const featureShares = variable<FeatureShares>(
  'features such as auth:on,data:on,analysis:25%,insights:off, or the same as a JSON object',
  (text) => readShares(text).unwrapOr(null),
);
const parameterName = matching(
  'the name or ARN of a parameter such as /clarity/feature-flags',
  /^[A-Za-z0-9/._:-]{1,1011}$/,
);

/** Reads the configuration, or lists everything that is wrong with it at once. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Result<Config, readonly SettingProblem[]> {
  const { read, need, problems } = settingsReader(environment);
  const awsSettings = readAwsSettings(read);
  const storage = read('STORAGE', oneOf('embedded', 'memory', 'aws'), 'embedded');
  const environmentName = read('ENVIRONMENT', oneOf('development', 'testing', 'staging', 'production'), 'development');
  const config: Config = {
    environment: environmentName,
    host: read('HOST', words, '127.0.0.1'),
    port: read('PORT', wholeNumber(0, 65_535), 8000),
    storage,
    aws: storage === 'aws' ? readAwsConfig(awsSettings, read, need) : null,
    awsSettings,
    dataDir: read('DATA_DIR', words, '.data'),
    logLevel: read('LOG_LEVEL', oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info'),
    signUpEnabled: read('ENABLE_SELF_SIGNUP', flag, true),
    accounts: readAccountConfig(read, need),
    jsonLimitBytes: read('MAX_JSON_BYTES', wholeNumber(1024, 1024 * MIB), 5 * MIB),
    exportLimitBytes: read('MAX_EXPORT_BYTES', wholeNumber(1024, 1024 * 1024 * MIB), 4096 * MIB),
    mostMetricsPerUpload: read('MAX_METRICS_PER_UPLOAD', wholeNumber(1, 10_000), 1000),
    uploadQuota: {
      mostStoredBytes: read('MAX_STORED_BYTES_PER_USER', amountOrNone(MOST_STORED_BYTES), 20 * 1024 * MIB),
      mostRunning: read('MAX_RUNNING_JOBS_PER_USER', amountOrNone(MOST_RUNNING_JOBS), 20),
    },
    rateLimits: readRateLimits(read, environmentName),
    redisUrl: read('REDIS_URL', redisUrl, null),
    corsOrigins: read('CORS_ALLOWED_ORIGINS', originList, []),
    publicUrl: read('PUBLIC_URL', httpUrl, null),
    trustedProxies: read('TRUSTED_PROXIES', wholeNumber(0, 10), 0),
    metricsPort: read('METRICS_PORT', wholeNumber(0, 65_535), null),
    observe: readObserveConfig(read),
    webhookAllowedHosts: read('WEBHOOK_ALLOWED_HOSTS', hostList, []),
    studyKey: read('STUDY_KEY', studySecret, null),
    modelDir: read('PAT_MODEL_BASE_DIR', words, 'models'),
    modelChoice: read('PAT_MODEL', modelName, null),
    engine: read('PAT_ENGINE', oneOf(...ENGINE_CHOICES), 'auto'),
    mostWeeksEncoding: read('PAT_QUEUE_WEEKS', wholeNumber(1, 10_000), 64),
    runJobs: read('RUN_JOBS', flag, true),
    concurrentJobs: read('CONCURRENT_JOBS', wholeNumber(1, 64), 1),
    features: read('FEATURES', featureShares, null),
    featureFlagsParameter: read('FEATURE_FLAGS_PARAMETER', parameterName, null),
    shutdownDelayMs: read(
      'SHUTDOWN_DELAY_MS',
      wholeNumber(0, MOST_SHUTDOWN_DELAY_MS),
      environmentName === 'production' ? PRODUCTION_SHUTDOWN_DELAY_MS : 0,
    ),
  };
  if (config.observe.embeddedMetrics && !TOLD_OF_WARNINGS.has(config.logLevel)) {
    problems.push({
      variable: 'METRICS_EMF',
      message: 'needs a log with warnings: LOG_LEVEL warn or one that says more',
    });
  }
  return problems.length > 0 ? err(problems) : ok(config);
}
