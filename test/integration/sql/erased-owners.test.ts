import { SqlErasedOwners } from '../../../adapters/sql/erased-owners.ts';
import { durableErasedOwnersContract, erasedOwnersContract } from '../../contracts/erased-owners.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlErasedOwners(database));

erasedOwnersContract('sql', make);
durableErasedOwnersContract('sql', make);
