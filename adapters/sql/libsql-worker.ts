import { parentPort } from 'node:worker_threads';
import { openLibsql, type LibsqlConnection, type StatementAnswer } from './libsql-connection.ts';
import type { ScriptOutcome } from './script.ts';
import type { ThreadAnswer, ThreadRequest } from './libsql-thread.ts';

/** A thread with a connection of its own: it does what it is asked, one after the other, and answers each request. */
let connection: LibsqlConnection | null = null;

const NOTHING: StatementAnswer = { rows: [], changes: 0 };

function answerTo(steps: ThreadRequest): ThreadAnswer {
  try {
    let last = NOTHING;
    let outcomes: readonly ScriptOutcome[] = [];
    for (const step of steps) {
      if (step.kind === 'open') connection = openLibsql(step.settings);
      else if (connection === null) throw new Error('the database has not been opened');
      else if (step.kind === 'query') last = connection.query(step.sql, step.parameters);
      else if (step.kind === 'scripts') outcomes = connection.runScripts(step.scripts);
      else connection[step.kind]();
    }
    return { kind: 'done', last, outcomes };
  } catch (error) {
    // The code of an error does not survive the way from one thread to another.
    const { message, code } = error as Error & { readonly code?: string };
    return { kind: 'failed', message, code: code ?? '', isInTransaction: connection?.isInTransaction() ?? false };
  }
}

parentPort?.on('message', (request: ThreadRequest) => {
  parentPort?.postMessage(answerTo(request));
  if (request.some(({ kind }) => kind === 'close')) parentPort?.close();
});
