import path from 'node:path';

/** File systems take names of up to 255 bytes; longer ones are cut into folders. */
const LONGEST_PIECE = 200;

/** These stand for themselves. Upper-case letters do not, since some file systems do not tell case. */
const PLAIN = /[a-z0-9_@.-]/;

/** Names that Windows keeps for devices, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

const ENCODED = /^(?:[a-z0-9_@.-]|%[0-9a-f]{2})+$/;

/** Half of a surrogate pair has no UTF-8 form, so such a text cannot be told from another one on disk. */
export const isNameable = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** The folder of an owner, and the file of a key below it; `/` in a key makes folders. */
export const ownerFolder = (root: string, owner: string): string => path.join(root, ...pieces(encoded(owner), '+'));

/**
 * The place of an object. Different keys have different places, also when one key goes on where the other ends (`a` and
 * `a/b`): only folders' names end in `+`. No text leads out of the owner's folder, for neither a separator nor `..` is
 * ever written.
 */
export function objectFile(root: string, owner: string, key: string): string {
  const segments = key.split('/');
  const folders = segments.slice(0, -1).flatMap((segment) => pieces(encoded(segment), '+'));
  return path.join(ownerFolder(root, owner), ...folders, ...pieces(encoded(segments.at(-1)!), ''));
}

/** The key whose object lies at this path below the owner's folder, or null for a file that no key has as its place. */
export function keyOfFile(below: string): string | null {
  let key = '';
  let segment = '';
  const names = below.split(path.sep);
  for (const [i, name] of names.entries()) {
    const isFile = i === names.length - 1;
    const mark = isFile ? '' : name.slice(-1);
    segment += isFile ? name : name.slice(0, -1);
    if (mark === '=') continue;
    const text = decoded(segment);
    if (text === null || (!isFile && mark !== '+')) return null;
    key += isFile ? text : `${text}/`;
    segment = '';
  }
  return key;
}

/** Injective, never hidden, never a device, never empty. */
function encoded(text: string): string {
  if (text === '') return '%';
  const bytes = Buffer.from(text, 'utf8');
  let name = '';
  for (const [i, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    const edgeDot = character === '.' && (i === 0 || i === bytes.length - 1);
    name += PLAIN.test(character) && !edgeDot ? character : percent(byte);
  }
  return DEVICE.test(name) ? percent(bytes[0]!) + name.slice(1) : name;
}

const percent = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`;

function decoded(name: string): string | null {
  if (name === '%') return '';
  if (!ENCODED.test(name)) return null;
  const text = Buffer.from(
    name.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
  // A name that differs from the one we would give is not ours.
  return encoded(text) === name ? text : null;
}

/** One path segment, or several when it is too long; all but the last then end in `=`. */
function pieces(name: string, ending: string): readonly string[] {
  const cut: string[] = [];
  let rest = name;
  while (rest.length > LONGEST_PIECE) {
    cut.push(`${rest.slice(0, LONGEST_PIECE)}=`);
    rest = rest.slice(LONGEST_PIECE);
  }
  return [...cut, rest + ending];
}
