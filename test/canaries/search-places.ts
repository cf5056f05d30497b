import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { markersIn, type Found } from './find-markers.ts';

/** Something that was found, and where. */
export interface Hit extends Found {
  readonly place: string;
}

export const hitsIn = (place: string, content: Uint8Array | string, stem: string): readonly Hit[] =>
  markersIn(content, stem).map((found) => ({ ...found, place }));

/** The same in every file below a folder, and in the names of files and folders. */
export async function hitsInFolder(folder: string, stem: string): Promise<readonly Hit[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hits: Hit[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    const shown = path.relative(folder, file);
    hits.push(...hitsIn(`the name of ${shown}`, entry.name, stem));
    if (entry.isFile()) hits.push(...hitsIn(shown, await readFile(file), stem));
  }
  return hits;
}

/**
 * The same in every value of a SQLite file that nobody has open, told by table and column: a value that is longer than a page
 * lies in pieces in the file.
 */
export function hitsInDatabase(file: string, stem: string): readonly Hit[] {
  const database = new Libsql(file, { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all([]) as {
      name: string;
    }[];
    return tables.flatMap(({ name }) =>
      (database.prepare(`SELECT * FROM "${name}"`).all([]) as Readonly<Record<string, unknown>>[]).flatMap((row) =>
        Object.entries(row).flatMap(([column, value]) =>
          value instanceof ArrayBuffer
            ? hitsIn(`${name}.${column}`, new Uint8Array(value), stem)
            : typeof value === 'string'
              ? hitsIn(`${name}.${column}`, value, stem)
              : [],
        ),
      ),
    );
  } finally {
    database.close();
  }
}

/** One line for each place, form and field. */
export function told(hits: readonly Hit[]): readonly string[] {
  const lines = new Map(hits.map((hit) => [`${hit.place} | ${hit.form} | ${hit.field}`, hit.around]));
  return [...lines].map(([where, around]) => `${where} | ${around}`).sort();
}
