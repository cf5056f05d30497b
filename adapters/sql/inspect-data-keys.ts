import { existsSync } from 'node:fs';
import path from 'node:path';
import Libsql from 'libsql';
import { err, ok, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

/** How many data keys a database file holds. It changes nothing: no file is made, and no schema. */
export function countDataKeys(file: string): Result<number, PortUnavailable> {
  const place = path.resolve(file);
  if (!existsSync(place)) return ok(0);
  try {
    const database = new Libsql(place);
    try {
      database.exec('pragma query_only = ON');
      if (database.prepare("select name from sqlite_master where name = 'data_key'").all().length === 0) return ok(0);
      const row = database.prepare('select count(*) as count from data_key').get();
      return ok((row as { readonly count: number }).count);
    } finally {
      database.close();
    }
  } catch (cause) {
    return err(portUnavailable('SqlDatabase', 'countDataKeys', cause, false));
  }
}
