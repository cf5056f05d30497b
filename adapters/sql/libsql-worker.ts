import { openLibsql, type LibsqlConnection } from './libsql-connection.ts';
import type { ThreadAnswer, ThreadRequest } from './libsql-thread.ts';
import type { ScriptOutcome, StatementAnswer } from './script.ts';

/** This thread's own connection. It is opened by the first transaction: none may go on that began on another thread. */
let connection: LibsqlConnection | null = null;

/** Does what is asked, step by step. */
export function answer({ settings, steps }: ThreadRequest): ThreadAnswer {
  try {
    if (steps[0].kind === 'begin' || steps[0].kind === 'scripts') connection ??= openLibsql(settings);
    let last: StatementAnswer = { rows: [], changes: 0 };
    let outcomes: readonly ScriptOutcome[] = [];
    for (const step of steps) {
      if (connection === null) {
        // With its thread a transaction has ended, too.
        if (step.kind === 'rollback' || step.kind === 'close') continue;
        throw new Error('the thread that began this has ended');
      }
      if (step.kind === 'query') last = connection.query(step.sql, step.parameters);
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
