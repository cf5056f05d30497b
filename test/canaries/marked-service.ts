import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { startService } from '../../hosts/express/service.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openLog } from '../../hosts/wiring/log/open-log.ts';
import { openStorage } from '../../hosts/wiring/open-storage.ts';
import { CHEAP_ARGON2 } from '../integration/local-identity/local-installation.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Markers } from './markers.ts';
import { moodyStorage, type Mood } from './moody-storage.ts';
import { hitsIn, hitsInDatabase, hitsInFolder, type Hit } from './search-places.ts';

/** The embedded profile in this process, with its log, its metrics and all it writes kept for the search. */
export interface MarkedService {
  readonly url: string;
  readonly dataDir: string;
  /** The lines of the log. */
  readonly logged: string[];
  /** Where temporary files are. */
  readonly temporary: string;
  readonly setMood: (mood: Mood) => void;
  /** Stops the service and tells of every marker in its log, its metrics, its data folder and its temporary files. */
  readonly search: (token: string) => Promise<readonly Hit[]>;
  readonly close: () => Promise<void>;
}

export async function startMarked(markers: Markers): Promise<MarkedService> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-canaries-'));
  const [dataDir, temporary] = [path.join(folder, 'data'), path.join(folder, 'tmp')];
  await mkdir(temporary);
  const usualTemporary = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'trace',
      RATE_LIMITS: 'multiplier=100000',
      CONCURRENT_JOBS: '2',
      PAT_MODEL_BASE_DIR: path.join(folder, 'no-models'),
    }),
  );
  let mood: Mood = 'sound';
  const logged: string[] = [];
  const logger = openLog('trace', { write: (line) => logged.push(line) });
  const storage = moodyStorage(valueOf(await openStorage(config)), () => mood, markers);
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const service = await startService({ config, logger, storage, passwords });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= service.stop());
  return {
    url: service.url,
    dataDir,
    temporary,
    logged,
    setMood: (changed) => {
      mood = changed;
    },
    search: async (token) => {
      mood = 'sound';
      const metrics = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      if (metrics.status !== 200) throw new Error(`no metrics: ${String(metrics.status)}`);
      // Before the write-ahead log is folded into the database, and after.
      const open = await hitsInFolder(dataDir, markers.stem);
      await stop();
      return [
        ...hitsIn('log', logged.join(''), markers.stem),
        ...hitsIn('metrics', await metrics.text(), markers.stem),
        ...open,
        ...(await hitsInFolder(dataDir, markers.stem)),
        ...(await hitsInFolder(temporary, markers.stem)).map((hit) => ({ ...hit, place: `temporary ${hit.place}` })),
        ...hitsInDatabase(path.join(dataDir, 'clarity.db'), markers.stem),
      ];
    },
    close: async () => {
      await stop();
      if (usualTemporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usualTemporary;
      await rm(folder, { recursive: true });
    },
  };
}
