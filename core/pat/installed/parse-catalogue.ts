import { err, ok, type Result } from 'neverthrow';
import { parameterCount, sizeOf, WIDTH, type PatArchitecture } from '../encoder/architecture.ts';
import { EMPTY_CATALOGUE, type Catalogue, type HeadEntry, type ModelEntry, type PopulationEntry } from './catalogue.ts';

/** The manifest is not one; `reason` is one plain sentence. */
export interface CatalogueInvalid {
  readonly kind: 'catalogue-invalid';
  readonly reason: string;
}

/** Names of files in the model folder: no separator, no `..`, nothing hidden, nothing that a shell would read. */
const FILE_NAME = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

export const isModelFileName = (name: string): boolean => FILE_NAME.test(name);

/** A manifest as the text of `manifest.json`. */
export const catalogueText = (catalogue: Catalogue): string => `${JSON.stringify(catalogue, null, 2)}\n`;

/** Reads a manifest's text: every entry whole, every file name one of the folder. */
export function parseCatalogue(text: string): Result<Catalogue, CatalogueInvalid> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('it is not JSON');
  }
  const given = fields(value);
  if (given === null) return invalid('it is not a JSON object');
  if (given['schema'] !== EMPTY_CATALOGUE.schema) return invalid(`its schema is not ${EMPTY_CATALOGUE.schema}`);
  return entries(given, 'models', isModelEntry).andThen((models) =>
    entries(given, 'heads', isHeadEntry).andThen((heads) =>
      entries(given, 'populations', isPopulationEntry).map((populations) => ({
        schema: EMPTY_CATALOGUE.schema,
        models,
        heads,
        populations,
      })),
    ),
  );
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

function entries<T>(
  given: Fields,
  name: string,
  isEntry: (value: unknown) => value is T,
): Result<readonly T[], CatalogueInvalid> {
  const list = given[name];
  if (!Array.isArray(list)) return invalid(`it has no list "${name}"`);
  const bad = list.findIndex((entry) => !isEntry(entry));
  return bad >= 0 ? invalid(`entry ${String(bad)} of "${name}" is not whole`) : ok(list as readonly T[]);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isStoredFile = (value: Fields | null): boolean =>
  value !== null &&
  isText(value['file']) &&
  isModelFileName(value['file']) &&
  isHash(value['sha256']) &&
  isSize(value['bytes']);

function isModelEntry(value: unknown): value is ModelEntry {
  const entry = fields(value);
  if (entry === null) return false;
  const source = fields(entry['source']);
  const converted = fields(entry['converted']);
  const golden = fields(entry['golden']);
  const architecture = fields(entry['architecture']) as unknown as PatArchitecture | null;
  return (
    ['id', 'name', 'licence', 'attribution', 'citation', 'installed_at'].every((name) => isText(entry[name])) &&
    architecture !== null &&
    sizeOf(architecture) !== null &&
    sizeOf(architecture) === entry['size'] &&
    entry['parameters'] === parameterCount(architecture) &&
    source !== null &&
    isText(source['location']) &&
    isHash(source['sha256']) &&
    isSize(source['bytes']) &&
    isStoredFile(converted) &&
    converted?.['format'] === 'safetensors' &&
    golden !== null &&
    isText(golden['input']) &&
    typeof golden['tolerance'] === 'number' &&
    Array.isArray(golden['pooled']) &&
    golden['pooled'].length === WIDTH &&
    golden['pooled'].every((number) => Number.isFinite(number))
  );
}

function isHeadEntry(value: unknown): value is HeadEntry {
  const entry = fields(value);
  return isStoredFile(entry) && ['id', 'task', 'installed_at'].every((name) => isText(entry?.[name]));
}

function isPopulationEntry(value: unknown): value is PopulationEntry {
  const entry = fields(value);
  return (
    isStoredFile(entry) &&
    ['name', 'installed_at'].every((name) => isText(entry?.[name])) &&
    (entry?.['signal'] === 'counts' || entry?.['signal'] === 'steps')
  );
}

const invalid = (reason: string): Result<never, CatalogueInvalid> => err({ kind: 'catalogue-invalid', reason });
