import { existsSync } from 'node:fs';
import path from 'node:path';
import Libsql from 'libsql';
import { err, ok, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { SCHEMA_VERSION } from './migrate.ts';

/** The schema that a database file has; null where there is none yet. */
export interface FoundSchema {
  readonly found: number | null;
  /** What this program works with; an older one is brought up to it at a start. */
  readonly supported: number;
}

/** Looks at a database file and changes nothing: no file is made, and no schema. */
export function inspectSchema(file: string): Result<FoundSchema, PortUnavailable> {
  const place = path.resolve(file);
  if (!existsSync(place)) return ok({ found: null, supported: SCHEMA_VERSION });
  try {
    const database = new Libsql(place);
    try {
      database.exec('pragma query_only = ON');
      const tables = database.prepare("select name from sqlite_master where name = 'schema_version'").all();
      if (tables.length === 0) return ok({ found: null, supported: SCHEMA_VERSION });
      const row = database.prepare('select max(version) as version from schema_version').get();
      return ok({ found: (row as { readonly version: number | null }).version, supported: SCHEMA_VERSION });
    } finally {
      database.close();
    }
  } catch (cause) {
    return err(portUnavailable('SqlDatabase', 'inspectSchema', cause, false));
  }
}
