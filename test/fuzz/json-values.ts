import type { RandomStream } from '../../core/simulation/random.ts';

/** One of a list. */
export const pick = <T>(random: RandomStream, from: readonly T[]): T => from[random.wholeBetween(0, from.length - 1)]!;

const LONG = 'x'.repeat(100_000);

/** Texts that have gone wrong somewhere. */
export const AWKWARD_TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e999',
    'NaN',
    'Infinity',
    'null',
    'true',
    '[]',
    '{}',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'a\udfff',
  ],
  ...[
    '\u202e',
    '\ufeff',
    '\u2028',
    'é',
    'e\u0301',
    '👩‍👩‍👧‍👦',
    '\\',
    '"',
    "'",
    '%00',
    '%',
    '../../etc/passwd',
    '$where',
    '${7*7}',
  ],
  ...[
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    '\r\nSet-Cookie: a=b',
    '__proto__',
    'constructor',
    'toString',
    'ß',
    'İ',
  ],
  ...[
    '2025-01-06T08:30:00Z',
    '2025-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999+14:00',
    '24:00',
  ],
  ...[
    '2025-01-06',
    '2025-01-06T08:30:60Z',
    '+275760-09-13T00:00:00Z',
    'Europe/Berlin',
    'UTC',
    '+25:00',
    'Mars/Olympus',
  ],
  ...[
    '00000000-0000-4000-8000-000000000000',
    'a@b.c',
    '@',
    'a'.repeat(300),
    'heart_rate',
    'care',
    'http://[::1]/',
    'https://a',
  ],
];

/** Numbers at the edges of what numbers can be. `1e999` is JSON for infinity. */
export const AWKWARD_NUMBERS: readonly number[] = [
  ...[
    0,
    -0,
    1,
    -1,
    0.1,
    0.5,
    59,
    60,
    61,
    100,
    255,
    256,
    1440,
    20_160,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
  ],
  ...[
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    1e21,
    -1e-7,
    1e-320,
    8.64e15,
    8.64e15 + 1,
    Infinity,
    -Infinity,
  ],
];

const AWKWARD_NAMES: readonly string[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'toJSON',
    'length',
    '',
    '0',
    'a/b',
    '~',
  ],
  ...['user_id', 'id', 'roles', 'type', 'value', 'timestamp', 'data', 'items', '\ud800', 'é'],
];

export function randomText(random: RandomStream): string {
  if (random.chance(0.7)) return pick(random, AWKWARD_TEXTS);
  if (random.chance(0.02)) return LONG.slice(0, random.wholeBetween(1000, LONG.length));
  let text = '';
  for (let i = random.wholeBetween(1, 12); i > 0; i--) {
    text += String.fromCharCode(random.chance(0.7) ? random.wholeBetween(32, 126) : random.wholeBetween(0, 0xffff));
  }
  return text;
}

export const randomNumber = (random: RandomStream): number =>
  random.chance(0.6) ? pick(random, AWKWARD_NUMBERS) : random.between(-1, 1) * 10 ** random.wholeBetween(-10, 20);

/** Arrays and objects in each other, so deep. */
function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Anything that JSON can say. */
export function randomJson(random: RandomStream, depth = 3): unknown {
  const kind = random.wholeBetween(0, depth > 0 ? 9 : 5);
  if (kind <= 1) return randomText(random);
  if (kind <= 3) return randomNumber(random);
  if (kind === 4) return random.chance(0.5);
  if (kind === 5) return null;
  if (kind === 9) return random.chance(0.1) ? nested(random.wholeBetween(5, 300), null) : [];
  const size = random.wholeBetween(0, 4);
  if (kind <= 7) return Array.from({ length: size }, () => randomJson(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: size }, () => [pick(random, AWKWARD_NAMES), randomJson(random, depth - 1)]),
  );
}

/** The value with one to three changes in it; what is not changed is shared with the one that was given. */
export function mutatedJson(random: RandomStream, value: unknown): unknown {
  let mutant = value;
  for (let i = random.wholeBetween(1, 3); i > 0; i--) mutant = changed(random, mutant);
  return mutant;
}

/** One change, here or deeper. */
function changed(random: RandomStream, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.04)) return replaced(random, value);
  if (Array.isArray(value)) return changedList(random, value);
  const entries: [string, unknown][] = Object.entries(value);
  const at = random.wholeBetween(0, entries.length - 1);
  const [name, inner] = entries[at] ?? ['', undefined];
  const choice = random.wholeBetween(0, 9);
  if (choice === 0 || entries.length === 0) entries.push([pick(random, AWKWARD_NAMES), randomJson(random)]);
  else if (choice === 1) entries.splice(at, 1);
  else if (choice === 2) entries[at] = [pick(random, AWKWARD_NAMES), inner];
  else if (choice === 3) entries[at] = [name, pick(random, entries)[1]];
  else entries[at] = [name, changed(random, inner)];
  return Object.fromEntries(entries);
}

function changedList(random: RandomStream, list: readonly unknown[]): unknown {
  const items = [...list];
  const at = random.wholeBetween(0, Math.max(0, items.length - 1));
  const choice = random.wholeBetween(0, 7);
  if (choice === 0 || items.length === 0) items.push(randomJson(random));
  else if (choice === 1) items.splice(at, 1);
  else if (choice === 2) items.push(...items.slice(0, random.chance(0.02) ? items.length : 1));
  else if (choice === 3) return Object.fromEntries(items.entries());
  else items[at] = changed(random, items[at]);
  return items;
}

/** Something else in the place of a value; of a text or a number often one that is nearly the same. */
function replaced(random: RandomStream, value: unknown): unknown {
  if (typeof value === 'string' && random.chance(0.4)) {
    const at = random.wholeBetween(0, value.length);
    return random.chance(0.5) ? value.slice(0, at) : value.slice(0, at) + randomText(random) + value.slice(at + 1);
  }
  if (typeof value === 'number' && random.chance(0.4)) return value + pick(random, [-1, 1, 0.5, -0.5, 1e6, -1e6]);
  return randomJson(random);
}
