import { suite } from 'uvu';
import type { DynamoTable } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';

const PROCESSES = 5;

/** One table for all tests of a file, which is quicker than one a test. */
export interface TableOfAFile {
  /** The table, as empty as `empty` left it. */
  readonly use: () => Promise<TableUnderTest>;
  /** Views of other processes, the same ones at every call. */
  readonly processes: () => Promise<readonly DynamoTable[]>;
  /** Removes everything that is in it. */
  readonly empty: () => Promise<void>;
  /** To be called after all other suites of the file. */
  readonly removeAtTheEnd: () => void;
}

export function tableOfAFile(): TableOfAFile {
  let made: Promise<TableUnderTest> | null = null;
  const use = (): Promise<TableUnderTest> => (made ??= makeTable());
  let others: readonly DynamoTable[] | null = null;
  return {
    use,
    processes: async () => {
      const { another } = await use();
      return (others ??= Array.from({ length: PROCESSES }, another));
    },
    empty: async () => {
      const { table, scan } = await use();
      await table.writeMany([], await scan());
    },
    removeAtTheEnd: () => {
      const end = suite('the table of the file');
      end('is removed', async () => {
        await (await use()).close();
      });
      end.run();
    },
  };
}
