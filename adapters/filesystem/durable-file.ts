import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './durable-folder.ts';

/** Writes a new file and makes its content durable; its name is durable once its folder is synced. */
export async function writeDurably(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a content under a name, in the place of whatever was there: a reader sees the old one or the new one, whole. */
export async function replaceFile(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${randomUUID()}`);
  try {
    await writeDurably(temporary, content, mode);
    await rename(temporary, file);
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}
