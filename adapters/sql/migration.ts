import type { Kysely } from 'kysely';

/** One step of the schema. A step that was ever released is never changed. */
export interface Migration {
  readonly name: string;
  up(database: Kysely<unknown>): Promise<void>;
}
