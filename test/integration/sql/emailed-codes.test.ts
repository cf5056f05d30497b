import { SqlEmailedCodes } from '../../../adapters/sql/emailed-codes.ts';
import { durableEmailedCodesContract, emailedCodesContract } from '../../contracts/emailed-codes.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlEmailedCodes(database));

emailedCodesContract('sql', make);
durableEmailedCodesContract('sql', make);
