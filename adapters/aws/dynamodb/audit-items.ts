import {
  pseudonym,
  type AuditDay,
  type AuditPlace,
  type Pseudonym,
  type SignedHead,
  type StoredEntry,
} from '../../../core/audit/model.ts';
import type { Item, ItemKey } from './dynamo-table.ts';

/** The partition of the end and of the closed heads. */
export const AUDIT_KEY = 'AUDIT';
export const END_KEY: ItemKey = { pk: AUDIT_KEY, sk: 'END' };
export const HEAD_PREFIX = 'HEAD#';

export const headKey = (day: AuditDay): ItemKey => ({ pk: AUDIT_KEY, sk: HEAD_PREFIX + day });
export const dayKey = (day: AuditDay): string => `AUDIT#${day}`;
export const subjectKey = (subject: Pseudonym): string => `AUDITSUBJECT#${subject}`;

const NUMBER_DIGITS = 12;

/** In the order of the numbers. */
export const numberText = (number: number): string => String(number).padStart(NUMBER_DIGITS, '0');
export const placeText = ({ day, number }: AuditPlace): string => `${day}#${numberText(number)}`;

export const entryKey = ({ day, number }: AuditPlace): ItemKey => ({ pk: dayKey(day), sk: numberText(number) });

/** The place that a pointer of a subject's partition names by its key. */
export function pointedKey({ sk }: ItemKey): ItemKey {
  const [day = '', number = ''] = sk.split('#');
  return { pk: dayKey(day), sk: number };
}

const factsOf = ({ number, subject, text, hash }: StoredEntry) => ({ number, subject, text, hash });

/** An entry where it stays, and the pointer that its subject's list leads to it by. */
export const entryItems = (entry: StoredEntry): readonly Item[] => [
  { ...entryKey(entry), ...factsOf(entry) },
  ...(entry.subject === null ? [] : [{ pk: subjectKey(entry.subject), sk: placeText(entry) }]),
];

export const entryOf = (
  day: AuditDay,
  { number, subject, text, hash }: Readonly<Record<string, unknown>>,
): StoredEntry => ({
  day,
  number: Number(number),
  subject: typeof subject === 'string' ? pseudonym(subject) : null,
  text: String(text),
  hash: String(hash),
});

export const headFacts = ({
  day,
  count,
  previous,
  hash,
  total,
  state,
  keyId,
  signature,
}: SignedHead): Readonly<Record<string, unknown>> => ({
  day,
  count,
  previous,
  hash,
  total,
  state,
  key_id: keyId,
  signature,
});

export const headOf = (item: Item): SignedHead => ({
  day: String(item['day']),
  count: Number(item['count']),
  previous: String(item['previous']),
  hash: String(item['hash']),
  total: Number(item['total']),
  state: item['state'] as SignedHead['state'],
  keyId: String(item['key_id']),
  signature: String(item['signature']),
});

/** The end, with the entries that were written with it. */
export const endItem = (end: SignedHead, tail: readonly StoredEntry[]): Item => ({
  ...END_KEY,
  ...headFacts(end),
  tail: tail.map(factsOf),
});

export const tailOf = (item: Item | null): readonly StoredEntry[] =>
  item === null ? [] : (item['tail'] as readonly Item[]).map((entry) => entryOf(String(item['day']), entry));
