import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

/** Makes a folder, and the folders above it where they are missing, all closed to other users, all durable. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await syncFolder(path.dirname(made));
}

/** Makes durable which names the folder has: a file's own content is another matter. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps names durable by its own journal.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
