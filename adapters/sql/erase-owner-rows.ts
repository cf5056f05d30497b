import type { Transaction } from 'kysely';
import type { UserId } from '../../core/kernel/ids.ts';
import type { Tables } from './tables.ts';

/** The tables whose rows belong to an owner. */
type OwnedTable = {
  [T in keyof Tables]: Tables[T] extends { readonly owner: string } ? T : never;
}[keyof Tables];

/** Deletes the owner's rows of the tables. */
export async function eraseOwnerRows(
  transaction: Transaction<Tables>,
  owner: UserId,
  tables: readonly OwnedTable[],
): Promise<void> {
  for (const table of tables) await transaction.deleteFrom<OwnedTable>(table).where('owner', '=', owner).execute();
}
