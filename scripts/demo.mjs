#!/usr/bin/env node
// The whole journey of one simulated person over HTTP, on a data folder that is thrown away afterwards:
// simulate an export, start the service, register, upload, wait for the analysis, keep its report.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const POLL_MS = 200;
const GIVE_UP_MS = 120_000;

const say = (line) => process.stdout.write(`${line}\n`);

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args[0]} ended with ${code}`))));
  });
}

function startService(dataDir) {
  const service = spawn(process.execPath, [path.join(root, 'dist/hosts/express/main.js')], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, STORAGE: 'embedded', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = new Promise((resolve, reject) => {
    let seen = '';
    service.stdout.on('data', (chunk) => {
      seen += chunk;
      const match = /listens on\s+(\S+)/.exec(seen);
      if (match) resolve(match[1]);
    });
    service.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
  return { service, url };
}

async function call(url, method, where, { token, body, headers } = {}) {
  const response = await fetch(`${url}${where}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  });
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
  return response;
}

const json = (value) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json' } });

async function main() {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-demo-'));
  const exportFile = path.join(folder, 'export.zip');
  say('1. Simulating 30 days of a person with an Apple Watch and an iPhone (seed 7) ...');
  await run(process.execPath, [
    path.join(root, 'dist/hosts/cli/main.js'),
    'simulate',
    '--days',
    '30',
    '--seed',
    '7',
    '--out',
    exportFile,
  ]);
  say('2. Starting the service on a throw-away data folder ...');
  const dataDir = path.join(folder, 'data');
  const { service, url: listening } = startService(dataDir);
  try {
    const url = await listening;
    say(`   ${url}`);
    say('3. Registering an account ...');
    const account = { email: 'demo@example.org', password: `Demo-${Math.random().toString(36).slice(2)}-7X` };
    const { access_token: token } = await (await call(url, 'POST', '/api/v1/auth/register', json(account))).json();
    say(`4. Uploading the export (${(await stat(exportFile)).size.toLocaleString('en-US')} bytes) ...`);
    const upload = await call(url, 'POST', '/api/v1/healthkit/export', {
      token,
      body: createReadStream(exportFile),
      headers: { 'content-type': 'application/zip' },
    });
    const { processing_id: id } = await upload.json();
    say('5. Waiting for import and analysis ...');
    const started = Date.now();
    let state;
    do {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      state = await (await call(url, 'GET', `/api/v1/health-data/processing/${id}`, { token })).json();
    } while (state.status === 'processing' && Date.now() - started < GIVE_UP_MS);
    if (state.status !== 'completed') throw new Error(`the processing is ${state.status}: ${state.message}`);
    const samples = Object.values(state.accepted).reduce((sum, count) => sum + count, 0);
    say(`   ${samples.toLocaleString('en-US')} samples. ${state.message}`);
    const result = await (await call(url, 'GET', `/api/v1/pat/analysis/${id}`, { token })).json();
    for (const insight of result.analysis.clinical_insights) say(`   - ${insight}`);
    const report = path.join(tmpdir(), 'clarity-demo-report.html');
    await writeFile(report, await (await call(url, 'GET', `/api/v1/pat/analysis/${id}/report`, { token })).text());
    say('');
    say(`The report is here, open it in a browser:  ${report}`);
  } finally {
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
