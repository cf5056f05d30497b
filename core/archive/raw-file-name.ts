/** Folders and a name that every file system can unpack and no shell takes for something else. */
const PLAIN_KEY = /^[A-Za-z0-9][A-Za-z0-9_.@+=-]*(?:\/[A-Za-z0-9][A-Za-z0-9_.@+=-]*)*$/;
const LONGEST = 200;

/**
 * Where an object lies in an archive: under its key where that is a plain path, otherwise under its number. The manifest
 * tells the key of each.
 */
export function rawFileName(key: string, number: number): string {
  const isPlain = key.length <= LONGEST && PLAIN_KEY.test(key) && !key.startsWith('other/');
  return isPlain ? `raw/${key}` : `raw/other/${String(number)}`;
}
