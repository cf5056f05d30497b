import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { readConfig, type Config } from '../../hosts/wiring/config.ts';
import { emulator } from '../emulators/emulators.ts';
import { valueOf } from '../unit/result-values.ts';

const compose = suite('docker-compose.yml');
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Service {
  readonly build?: string;
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** What the image itself sets. */
const imageEnvironment = Object.fromEntries(
  [...(/^ENV (NODE_ENV=.*)$/m.exec(read('Dockerfile'))?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [
    name!,
    value!,
  ]),
);

/** Variables that Node and the SDK of AWS read, and the service does not. */
const NOT_OURS = ['NODE_ENV', 'TMPDIR', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

let folder = '';
let accountFile = '';
let keys: Server;
let accountEnvironment: Readonly<Record<string, string>> = {};
let makeAccount: () => Promise<string>;

compose.before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'clarity-account-'));
  accountFile = path.join(folder, 'account.env');
  // No emulator of the npm registry has KMS; this is all of it that is asked for.
  keys = createServer((_request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ KeyMetadata: { KeyId: '0a1b2c3d-0000-4000-8000-000000000000' } }));
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const [dynamodb, s3, cognito] = await Promise.all([
    emulator('dynalite', 'dynamodb'),
    emulator('fauxqs', 's3'),
    emulator('cognito-local', 'cognito'),
  ]);
  const endpoints = {
    DYNAMODB_ENDPOINT_URL: dynamodb.endpointUrl,
    S3_ENDPOINT_URL: s3.endpointUrl,
    SQS_ENDPOINT_URL: s3.endpointUrl,
    SNS_ENDPOINT_URL: s3.endpointUrl,
    COGNITO_ENDPOINT_URL: cognito.endpointUrl,
    KMS_ENDPOINT_URL: `http://127.0.0.1:${String((keys.address() as AddressInfo).port)}`,
  };
  makeAccount = async () => {
    const script = path.join(root, 'scripts/emulated-account.mjs');
    const { AWS_ENDPOINT_URL: _, ...environment } = services['aws-account']?.environment ?? {};
    const env = { PATH: process.env['PATH'], ...environment, ...endpoints };
    return (await promisify(execFile)(process.execPath, [script, accountFile], { env })).stdout;
  };
  await makeAccount();
  accountEnvironment = parseEnv(readFileSync(accountFile, 'utf8')) as Record<string, string>;
});

compose.after(() => {
  keys.close();
  rmSync(folder, { recursive: true });
});

/** The environment as the service's process has it, and what it reads of it. */
function configured(name: string): { readonly config: Config; readonly unread: readonly string[] } {
  const { environment, command = [] } = services[name]!;
  const file = command.includes('--env-file=/data/account.env') ? accountEnvironment : {};
  // As in Docker and in Node: the service's own come before the image's and the file's.
  const all: Readonly<Record<string, string>> = { ...file, ...imageEnvironment, ...environment };
  const asked = new Set<string>();
  const config = readConfig(
    new Proxy(all, {
      get: (target, variable: string) => {
        asked.add(variable);
        return target[variable];
      },
    }),
  );
  return {
    config: valueOf(config),
    unread: Object.keys(all).filter((variable) => !asked.has(variable) && !NOT_OURS.includes(variable)),
  };
}

const OURS = ['clarity', 'clarity-aws', 'worker-aws'];

for (const name of OURS) {
  compose(`${name} starts with variables that the service reads, and values that it takes`, () => {
    const { config, unread } = configured(name);
    assert.equal(unread, []);
    assert.is(config.dataDir, '/data');
    assert.is(config.host, '0.0.0.0');
  });
}

compose('alone the service keeps everything in its volume, and is reached from this machine only', () => {
  const alone = services['clarity']!;
  assert.is(alone.profiles, undefined);
  assert.is(configured('clarity').config.storage, 'embedded');
  assert.equal(alone.ports, ['127.0.0.1:8000:8000']);
});

compose('with the profile aws all of AWS is the emulator, and nothing of it is left out', () => {
  for (const name of ['clarity-aws', 'worker-aws']) {
    assert.equal(services[name]!.profiles, ['aws']);
    const { aws, awsSettings, storage, studyKey } = configured(name).config;
    assert.is(storage, 'aws');
    for (const [service, url] of Object.entries(awsSettings.endpointUrls)) {
      const { hostname, port } = new URL(url ?? '');
      assert.ok(services[hostname], `${service}: no service is called ${hostname}`);
      assert.ok(
        services[hostname].ports?.some((one) => one.endsWith(`:${port}`)),
        `${service}: ${port} is not its port`,
      );
    }
    for (const given of [aws?.userPoolId, aws?.clientId, aws?.topicArn, aws?.dataKmsKeyId, studyKey]) assert.ok(given);
  }
  assert.is(configured('clarity-aws').config.runJobs, false);
  const [web, worker] = ['clarity-aws', 'worker-aws'].map((name) => configured(name).config.aws);
  assert.equal(web, worker);
});

compose('the account is made once, and its file is for nobody else', async () => {
  assert.is(statSync(accountFile).mode & 0o777, 0o600);
  const before = readFileSync(accountFile, 'utf8');
  assert.match(await makeAccount(), 'is of this account');
  assert.is(readFileSync(accountFile, 'utf8'), before);
});

compose('every process of ours is this image, read-only, with commands and files that are there', () => {
  for (const [name, { build, image, read_only: isReadOnly, command = [], volumes: mounted = [] }] of Object.entries(
    services,
  )) {
    if (name === 'aws') continue;
    assert.equal([build, image, isReadOnly], ['.', 'clarity:local', true], name);
    for (const word of command.filter((one) => /\.m?js$/.test(one))) {
      const source = word.replace(/^dist\/(.*)\.js$/, '$1.ts');
      assert.ok(existsSync(path.join(root, source)), `${name}: ${word}`);
    }
    for (const [from, to] of mounted.map((one) => one.split(':'))) {
      assert.ok(
        from!.startsWith('./') ? existsSync(path.join(root, from!)) : from! in volumes,
        `${name}: ${String(from)}`,
      );
      assert.ok(to === '/data' || command.includes(to!.replace('/app/', '')), `${name}: ${String(to)}`);
    }
  }
  for (const [name, { depends_on: waitsFor = {} }] of Object.entries(services)) {
    assert.equal(
      Object.keys(waitsFor).filter((other) => !(other in services)),
      [],
      name,
    );
  }
});

compose.run();
