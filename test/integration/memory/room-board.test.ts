import { MemoryRoomBoard } from '../../../adapters/memory/room-board.ts';
import { roomBoardContract } from '../../contracts/room-board.contract.ts';

roomBoardContract('memory', async () => ({ store: new MemoryRoomBoard(), close: async () => {} }));
