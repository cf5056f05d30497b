import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { err, ok, type Result } from 'neverthrow';
import { ENGINE_CHOICES, type EngineChoice } from '../../core/pat/ports.ts';

/** Everything that can be set from outside, with its meaning and default. The one place where the environment is read. */
export interface Config {
  readonly environment: 'development' | 'testing' | 'staging' | 'production';
  readonly host: string;
  readonly port: number;
  /** `embedded`: SQLite and files under `dataDir`. `memory`: nothing is kept. */
  readonly storage: 'embedded' | 'memory';
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly signUpEnabled: boolean;
  readonly jsonLimitBytes: number;
  readonly exportLimitBytes: number;
  readonly mostMetricsPerUpload: number;
  readonly corsOrigins: readonly string[];
  readonly publicUrl: string | null;
  /** The folder of installed models, with their manifest. */
  readonly modelDir: string;
  /** `S`, `M`, `L`, an id, or null for the last installed. */
  readonly modelChoice: string | null;
  readonly engine: EngineChoice;
  /** Weeks that may wait for the encoder or be encoded at once. */
  readonly mostWeeksEncoding: number;
}

export interface ConfigProblem {
  readonly variable: string;
  readonly message: string;
}

const MIB = 1024 * 1024;

/** A codec from a variable's text; the name says what is expected. */
function variable<A>(expected: string, read: (text: string) => A | null): t.Type<A, string> {
  return new t.Type<A, string>(
    expected,
    (u): u is A => u !== undefined,
    (u, context) => {
      const value = typeof u === 'string' ? read(u.trim()) : null;
      return value === null ? t.failure(u, context) : t.success(value);
    },
    String,
  );
}

const wholeNumber = (least: number, most: number) =>
  variable(`a whole number from ${String(least)} to ${String(most)}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  });
const oneOf = <const V extends readonly string[]>(...values: V) =>
  variable<V[number]>(
    `one of ${values.join(', ')}`,
    (text) => values.find((value) => value === text.toLowerCase()) ?? null,
  );
const flag = variable('true or false', (text) => (text === 'true' ? true : text === 'false' ? false : null));
const words = variable('a text', (text) => text);
const modelName = variable('S, M, L or the id of an installed model', (text) =>
  /^[A-Za-z0-9._-]{1,100}$/.test(text) ? text : null,
);
const originList = variable('a comma-separated list of origins such as https://app.example', (text) => {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  return origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin) ? origins : null;
});
const httpUrl = variable('an http or https URL without a trailing slash', (text) =>
  /^https?:\/\/\S+[^/]$/.test(text) && URL.canParse(text) ? text : null,
);

/** Reads the configuration, or lists everything that is wrong with it at once. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Result<Config, readonly ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  function read<A, D>(name: string, codec: t.Type<A, string>, otherwise: D): A | D {
    const text = environment[name];
    if (text === undefined || text.trim() === '') return otherwise;
    const result = codec.decode(text);
    if (E.isRight(result)) return result.right;
    problems.push({ variable: name, message: `expected ${codec.name}` });
    return otherwise;
  }
  const config: Config = {
    environment: read('ENVIRONMENT', oneOf('development', 'testing', 'staging', 'production'), 'development'),
    host: read('HOST', words, '127.0.0.1'),
    port: read('PORT', wholeNumber(0, 65_535), 8000),
    storage: read('STORAGE', oneOf('embedded', 'memory'), 'embedded'),
    dataDir: read('DATA_DIR', words, '.data'),
    logLevel: read('LOG_LEVEL', oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info'),
    signUpEnabled: read('ENABLE_SELF_SIGNUP', flag, true),
    jsonLimitBytes: read('MAX_JSON_BYTES', wholeNumber(1024, 1024 * MIB), 5 * MIB),
    exportLimitBytes: read('MAX_EXPORT_BYTES', wholeNumber(1024, 1024 * 1024 * MIB), 4096 * MIB),
    mostMetricsPerUpload: read('MAX_METRICS_PER_UPLOAD', wholeNumber(1, 10_000), 1000),
    corsOrigins: read('CORS_ALLOWED_ORIGINS', originList, []),
    publicUrl: read('PUBLIC_URL', httpUrl, null),
    modelDir: read('PAT_MODEL_BASE_DIR', words, 'models'),
    modelChoice: read('PAT_MODEL', modelName, null),
    engine: read('PAT_ENGINE', oneOf(...ENGINE_CHOICES), 'auto'),
    mostWeeksEncoding: read('PAT_QUEUE_WEEKS', wholeNumber(1, 10_000), 64),
  };
  return problems.length > 0 ? err(problems) : ok(config);
}
