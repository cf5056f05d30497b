import { err, ok, type Result } from 'neverthrow';
import { FieldReader } from '../archive/field-reader.ts';
import { instantText } from '../kernel/instant-text.ts';
import { userId } from '../kernel/ids.ts';
import type { ExportedLine } from './export-log.ts';
import { pseudonym, type SignedHead } from './model.ts';
import { ANY_ENTRY, type SoughtEntries } from './sought-entries.ts';

/** The format of an exported log. A later one that old programs cannot read has another number. */
export const EXPORTED_LOG_FORMAT = 'clarity.audit/1';

/** The line as it is written: a JSON document of its own. */
export function exportedLineText(line: ExportedLine): string {
  switch (line.kind) {
    case 'export':
      return JSON.stringify({
        kind: line.kind,
        format: EXPORTED_LOG_FORMAT,
        made_at: instantText(line.madeAtMs),
        whole_days: line.wholeDays,
        filter: writtenFilter(line.sought),
      });
    case 'day':
      return JSON.stringify({
        kind: line.kind,
        day: line.day,
        head: line.head === null ? null : writtenHead(line.head),
      });
    case 'entry':
      return JSON.stringify({ kind: line.kind, ...line.entry, people: Object.fromEntries(line.people) });
    case 'end':
      return JSON.stringify(line);
  }
}

const writtenFilter = ({ dataType, requestId, ...others }: SoughtEntries): object =>
  Object.fromEntries(
    Object.entries({ ...others, data_type: dataType, request_id: requestId }).filter(([, value]) => value !== null),
  );

const writtenHead = ({ keyId, ...head }: SignedHead): object => ({ ...head, key_id: keyId });

const LONGEST_TEXT = 100_000;
const MOST_ENTRIES = Number.MAX_SAFE_INTEGER;

/**
 * Reads such a line; fails with what is wrong with it. What the filter was and when it was made are not read: nothing follows
 * from them.
 */
export function exportedLineOf(value: unknown): Result<ExportedLine, string> {
  const fields = new FieldReader(value);
  const read = fields.result(fields.oneOf('kind', ['export', 'day', 'entry', 'end']));
  if (read.isErr()) return err(read.error);
  const kind = read.value;
  switch (kind) {
    case 'export': {
      if (fields.text('format') !== EXPORTED_LOG_FORMAT) return err(`is of another format than ${EXPORTED_LOG_FORMAT}`);
      return fields.result({ kind, madeAtMs: 0, sought: ANY_ENTRY, wholeDays: fields.boolean('whole_days') });
    }
    case 'day': {
      const day = fields.text('day');
      const head = fields.objectOrNull('head');
      if (head === null) return fields.result({ kind, day, head });
      const written = headOf(new FieldReader(head));
      return fields.result(day).andThen(() => written.map((signed) => ({ kind, day, head: signed })));
    }
    case 'entry': {
      const people = Object.entries(fields.objectOrNull('people') ?? {});
      return fields.result({
        kind,
        entry: {
          day: fields.text('day'),
          // Whatever it is: the walk along the chain says what is wrong with it.
          number: fields.number('number'),
          hash: fields.text('hash'),
          text: fields.text('text', { most: LONGEST_TEXT }),
        },
        people: new Map(people.map(([of, id]) => [pseudonym(of), userId(String(id))])),
      });
    }
    case 'end':
      return fields.result({ kind, entries: fields.integer('entries', 0, MOST_ENTRIES) });
  }
}

function headOf(fields: FieldReader): Result<SignedHead, string> {
  const head: SignedHead = {
    day: fields.text('day'),
    count: fields.integer('count', 0, MOST_ENTRIES),
    previous: fields.text('previous'),
    hash: fields.text('hash'),
    total: fields.integer('total', 0, MOST_ENTRIES),
    state: fields.oneOf('state', ['open', 'closed']),
    keyId: fields.text('key_id'),
    signature: fields.text('signature'),
  };
  return fields.result(head).andThen((read) => ok(read));
}
