import { MemoryWebhookStore } from '../../../adapters/memory/webhook-store.ts';
import { forgettingWebhookStoreContract, webhookStoreContract } from '../../contracts/webhook-store.contract.ts';

const make = async () => ({ store: new MemoryWebhookStore(), close: async () => undefined });

webhookStoreContract('memory', make);
forgettingWebhookStoreContract('memory', make);
