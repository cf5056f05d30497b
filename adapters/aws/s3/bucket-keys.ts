import { createHash } from 'node:crypto';
import type { UserId } from '../../../core/kernel/ids.ts';

/** S3 takes keys of 1024 bytes. */
const MOST_LAYOUT_BYTES = 900;
const MOST_PART_BYTES = 400;

const PLAIN = /^(?!\.*$)[A-Za-z0-9._-]+$/;
const LAYOUTS = new Set(['raw_data', 'uploads']);

/**
 * Whether the key has the form in which raw uploads of this owner have always lain in the bucket:
 * `raw_data/YYYY/MM/DD/<owner>/<file>` or `uploads/YYYY/MM/DD/<owner>/<file>`. Such a key is its own key in the bucket.
 */
export function isLayoutKey(owner: UserId, key: string): boolean {
  const [layout, year, month, day, whose, file, ...more] = key.split('/');
  return (
    LAYOUTS.has(layout ?? '') &&
    /^\d{4}\/\d{2}\/\d{2}$/.test(`${String(year)}/${String(month)}/${String(day)}`) &&
    whose === owner &&
    PLAIN.test(owner) &&
    PLAIN.test(file ?? '') &&
    more.length === 0 &&
    key.length <= MOST_LAYOUT_BYTES
  );
}

/** The key in the bucket of the first object under a key. Different owners and keys have different ones. */
export const bucketKey = (owner: UserId, key: string): string =>
  isLayoutKey(owner, key) ? key : `objects/${keyPart(owner)}/${keyPart(key)}`;

/** The key in the bucket of an object that is written where there is one already, or may be; `id` is new each time. */
export const replacementKey = (owner: UserId, key: string, id: string): string =>
  `objects/${keyPart(owner)}/${keyPart(key)}/${id}`;

/** Any text as one segment of a key: what is not ordinary is escaped, what is too long is replaced by its hash. */
function keyPart(text: string): string {
  if (text === '') return '=';
  const escaped = text.replace(/[^A-Za-z0-9._-]|^\./g, (character) => {
    let units = '';
    // A code unit at a time, so that half a surrogate pair has a form too.
    for (let i = 0; i < character.length; i++) units += `=${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    return units;
  });
  if (escaped.length <= MOST_PART_BYTES) return escaped;
  return `=sha256-${createHash('sha256').update(escaped).digest('hex')}`;
}
