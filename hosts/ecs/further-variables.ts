import { readConfig } from '../wiring/config.ts';

/** What the stacks give the tasks themselves; a test compares it with the templates. */
const GIVEN = [
  'AWS_REGION',
  'CLARITY_DEAD_LETTER_QUEUE',
  'CLARITY_HEALTH_DATA_QUEUE',
  'CLARITY_SNS_TOPIC_ARN',
  'COGNITO_CLIENT_ID',
  'COGNITO_REGION',
  'COGNITO_USER_POOL_ID',
  'CORS_ALLOWED_ORIGINS',
  'DATA_DIR',
  'DYNAMODB_TABLE_NAME',
  'ENVIRONMENT',
  'FEATURE_FLAGS_PARAMETER',
  'HOST',
  'KMS_KEY_ID',
  'LOG_LEVEL',
  'METRICS_EMF',
  'METRICS_PORT',
  'PAT_MODEL_BASE_DIR',
  'PORT',
  'PUBLIC_URL',
  'RUN_JOBS',
  'S3_BUCKET_NAME',
  'S3_KMS_KEY_ID',
  'STORAGE',
  'STUDY_KEY',
  'TMPDIR',
  'TRUSTED_PROXIES',
] as const;

/** What is wrong with the further variables of a description, a line each: the service would not start with them. */
export function variableFaults(further: Readonly<Record<string, string>>): readonly string[] {
  const { read, faults } = configured(further);
  return Object.keys(further).flatMap((name) => {
    if ((GIVEN as readonly string[]).includes(name)) return [`environment.${name}: is set by the stacks`];
    if (!read.has(name)) return [`environment.${name}: is no variable that the service reads`];
    return faults.flatMap(({ variable, message }) => (variable === name ? [`environment.${name}: ${message}`] : []));
  });
}

/** The names that the service asks for on AWS, and what it says to the values. */
function configured(further: Readonly<Record<string, string>>): {
  readonly read: ReadonlySet<string>;
  readonly faults: readonly { readonly variable: string; readonly message: string }[];
} {
  const read = new Set<string>();
  const told: Readonly<Record<string, string>> = { ...further, ENVIRONMENT: 'production', STORAGE: 'aws' };
  const faults = readConfig(
    new Proxy(told, {
      get: (target, name: string) => {
        read.add(name);
        return target[name];
      },
    }),
  );
  return { read, faults: faults.isErr() ? faults.error : [] };
}
