import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../adapters/sql/database.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import { valueOf } from '../unit/result-values.ts';
import { benchAnalyze } from './analyze.ts';
import { benchCrash } from './crash.ts';
import { benchHttp } from './http.ts';
import { benchImport } from './import.ts';
import { benchPat } from './pat.ts';
import { benchSecurity } from './security.ts';
import { benchStore } from './store.ts';

const GB = 1_000_000_000;
const MB = 1_000_000;

/** Imports exports of growing size into SQLite on disk; the sizes in megabytes may be given as arguments. */
async function importBench(args: readonly string[]): Promise<readonly unknown[]> {
  const sizes = args.length > 0 ? args.map((text) => Number(text) * MB) : [100 * MB, GB];
  const rows: unknown[] = [];
  for (const bytes of sizes) {
    const folder = await mkdtemp(path.join(tmpdir(), 'clarity-bench-'));
    const database = valueOf(await openDatabase(path.join(folder, 'clarity.db')));
    try {
      rows.push(await benchImport({ bytes, samples: new SqlSampleStore(database) }));
    } finally {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
  return rows;
}

/** Rows of results, or a sum of them under names. */
type Outcome = readonly unknown[] | { readonly results: readonly unknown[] };

const isRows = (outcome: Outcome): outcome is readonly unknown[] => Array.isArray(outcome);

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<Outcome>>> = {
  analyze: benchAnalyze,
  crash: benchCrash,
  http: benchHttp,
  import: importBench,
  pat: benchPat,
  security: benchSecurity,
  store: benchStore,
};

// `npm run bench -- NAME [options]` runs one bench and prints its result as one JSON object in the last line.
const [name = '', ...args] = process.argv.slice(2);
const run = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (run === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
  process.exitCode = 2;
} else {
  const outcome = await run(args);
  process.stdout.write(`${JSON.stringify({ bench: name, ...(isRows(outcome) ? { results: outcome } : outcome) })}\n`);
}
