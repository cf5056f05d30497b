import * as E from 'fp-ts/lib/Either.js';
import * as assert from 'uvu/assert';
import { AnalysisDocument as DocumentCodec } from '../../../contracts/analysis.ts';
import { issuesOf } from '../../../contracts/codec.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';

/** Nulls that mean "nothing", not "not computable". */
const NOTHING = new Set([
  'input.sources[].reason',
  'model.encoding.length_note',
  'model.encoding.reference_population',
]);

/**
 * The paths of every null below `value`, written as `not_computed` writes them: a null inside an object of a list is
 * `list[].member`, a null in a list of numbers is the list itself.
 */
export function nullPaths(value: unknown, path = ''): readonly string[] {
  if (value === null) return NOTHING.has(path) ? [] : [path];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => nullPaths(item, item === null ? path : `${path}[]`));
  }
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => nullPaths(member, path === '' ? key : `${path}.${key}`));
}

function numbersOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

/**
 * What holds for every document: it has the published form, each null has exactly its reasons and nothing else has, and
 * no number in it is NaN or infinite.
 */
export function assertTruthful(document: AnalysisDocument): void {
  const decoded = DocumentCodec.decode(JSON.parse(JSON.stringify(document)));
  if (E.isLeft(decoded)) assert.unreachable(JSON.stringify(issuesOf(decoded.left)));
  const nulls = [...new Set(nullPaths(document))].sort();
  const explained = [...new Set(document.not_computed.map(({ field }) => field))].sort();
  assert.equal(explained, nulls, 'every null has a reason, and every reason a null');
  assert.is(document.not_computed.length, explained.length, 'each field is explained once');
  for (const { reason } of document.not_computed) assert.ok(reason.length > 10, reason);
  assert.ok(numbersOf(document).every(Number.isFinite), 'every number is finite');
}

/** Why a field of the document is null. */
export function reasonOf(document: AnalysisDocument, field: string): string {
  return document.not_computed.find((entry) => entry.field === field)?.reason ?? `${field} has no reason`;
}
