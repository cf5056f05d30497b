import { MemoryEmailedCodes } from '../../../adapters/memory/emailed-codes.ts';
import { emailedCodesContract } from '../../contracts/emailed-codes.contract.ts';

emailedCodesContract('memory', async () => ({ store: new MemoryEmailedCodes(), close: async () => undefined }));
