import { SqlOwnerEventLog } from '../../../adapters/sql/owner-event-log.ts';
import { durableOwnerEventLogContract, ownerEventLogContract } from '../../contracts/owner-event-log.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlOwnerEventLog(database));

ownerEventLogContract('sql', make);
durableOwnerEventLogContract('sql', make);
