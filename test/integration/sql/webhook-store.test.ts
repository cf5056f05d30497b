import { SqlWebhookStore } from '../../../adapters/sql/webhook-store.ts';
import {
  durableWebhookStoreContract,
  forgettingWebhookStoreContract,
  webhookStoreContract,
} from '../../contracts/webhook-store.contract.ts';
import { storeOver } from './database-under-test.ts';

const make = storeOver((database) => new SqlWebhookStore(database));

webhookStoreContract('sql', make);
forgettingWebhookStoreContract('sql', make);
durableWebhookStoreContract('sql', make);
