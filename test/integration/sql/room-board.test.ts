import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../../adapters/sql/database.ts';
import { SqlRoomBoard } from '../../../adapters/sql/room-board.ts';
import { roomBoardContract, sharedRoomBoardContract } from '../../contracts/room-board.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { storeOver } from './database-under-test.ts';

roomBoardContract(
  'sql',
  storeOver((database) => new SqlRoomBoard(database)),
);

sharedRoomBoardContract('sql', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
  const file = path.join(folder, 'clarity.db');
  const databases = [valueOf(await openDatabase(file)), valueOf(await openDatabase(file))] as const;
  return {
    store: new SqlRoomBoard(databases[0]),
    other: new SqlRoomBoard(databases[1]),
    close: async () => {
      for (const database of databases) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
