import type { AddressInfo } from 'node:net';
import express from 'express';
import Libsql from 'libsql';

/**
 * What Express and SQLite can do by themselves: the reads and writes of the scenarios without accounts, checks, limits,
 * headers, or anything else that makes a service. `node --import tsx test/bench/bare-server.ts DATABASE_FILE`
 */
const database = new Libsql(process.argv[2]!);
database.exec('pragma journal_mode = WAL');
database.exec('pragma synchronous = FULL');
database.exec('pragma busy_timeout = 15000');
database.exec(
  'create table if not exists bare_metric (metric_id text, type text, created_at text, content text) strict',
);

interface Row {
  readonly metric_id: string;
  readonly type: string;
  readonly upload_id: string;
  readonly upload_source: string;
  readonly created_at_ms: number;
  readonly content: string;
}

interface Sent {
  readonly metrics: readonly (Readonly<Record<string, unknown>> & {
    readonly metric_id: string;
    readonly metric_type: string;
    readonly created_at: string;
  })[];
}

// There is no such table in a file that no service has opened.
const preparePage = () =>
  database.prepare('select * from metric where owner = ? order by created_at_ms desc, metric_id desc limit ?');
let page: ReturnType<typeof preparePage> | null = null;
const insert = database.prepare('insert into bare_metric values (?, ?, ?, ?)');

const app = express();

app.get('/health', (_request, response) => {
  response.json({ status: 'healthy', version: '0.0.0' });
});

app.get('/list/:owner', (request, response) => {
  page ??= preparePage();
  const rows = page.all(request.params.owner, Number(request.query['limit']) + 1) as Row[];
  response.json({
    data: rows.slice(0, -1).map((row) => ({
      metric_id: row.metric_id,
      metric_type: row.type,
      processing_id: row.upload_id,
      upload_source: row.upload_source,
      created_at: new Date(row.created_at_ms).toISOString(),
      ...(JSON.parse(row.content) as object),
    })),
  });
});

app.post('/upload', express.json({ limit: '5mb' }), (request, response) => {
  const { metrics } = request.body as Sent;
  database.exec('begin immediate');
  for (const { metric_id, metric_type, created_at, ...content } of metrics) {
    insert.run(metric_id, metric_type, created_at, JSON.stringify(content));
  }
  database.exec('commit');
  response.status(201).json({ accepted_metrics: metrics.length });
});

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  database.close();
});
