import { okAsync, ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Delivery, DeliveryId, DeliveryState, Webhook, WebhookChange, WebhookId } from '../webhooks/model.ts';
import type { ClaimedDelivery, DeliveryLost, WebhookStore } from '../webhooks/ports.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

/** The texts of a webhook that say who its owner is, or let others speak in this service's name. */
type SealedTexts = Pick<Webhook, 'url' | 'description' | 'secret'>;

/** A webhook store that is given targets, descriptions and secrets encrypted only. Deliveries hold no free text. */
export class EncryptedWebhookStore implements WebhookStore {
  readonly #store: WebhookStore;
  readonly #fields: SealedFields;

  constructor(store: WebhookStore, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('WebhookStore', encryption);
  }

  put(webhook: Webhook): ResultAsync<void, PortUnavailable> {
    const { owner, webhookId } = webhook;
    return this.#sealed(owner, webhookId, webhook).andThen((texts) => this.#store.put({ ...webhook, ...texts }));
  }

  get(owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable> {
    return this.#store.get(owner, id).andThen((stored) => this.#opened(stored, 'get'));
  }

  list(owner: UserId): ResultAsync<readonly Webhook[], PortUnavailable> {
    return this.#store
      .list(owner)
      .andThen((stored) => ResultAsync.combine(stored.map((webhook) => this.#opened(webhook, 'list'))));
  }

  change(owner: UserId, id: WebhookId, change: WebhookChange): ResultAsync<Webhook, NotFound | PortUnavailable> {
    return this.#sealed(owner, id, change)
      .andThen((texts) => this.#store.change(owner, id, { ...change, ...texts }))
      .andThen((stored) => this.#opened(stored, 'change'));
  }

  delete(owner: UserId, id: WebhookId): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#store.delete(owner, id);
  }

  addDelivery(delivery: Delivery): ResultAsync<void, PortUnavailable> {
    return this.#store.addDelivery(delivery);
  }

  getDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable> {
    return this.#store.getDelivery(owner, webhook, id);
  }

  deliveries(
    owner: UserId,
    webhook: WebhookId,
    page: { readonly after: DeliveryId | null; readonly limit: number },
  ): ResultAsync<readonly Delivery[], PortUnavailable> {
    return this.#store.deliveries(owner, webhook, page);
  }

  requeue(
    owner: UserId,
    webhook: WebhookId,
    id: DeliveryId,
    dueAtMs: EpochMs,
  ): ResultAsync<Delivery, NotFound | PortUnavailable> {
    return this.#store.requeue(owner, webhook, id, dueAtMs);
  }

  claimDue(nowMs: EpochMs, leaseMs: number): ResultAsync<ClaimedDelivery | null, PortUnavailable> {
    return this.#store
      .claimDue(nowMs, leaseMs)
      .andThen((claimed) =>
        claimed === null
          ? okAsync(null)
          : this.#opened(claimed.webhook, 'claimDue').map((webhook) => ({ ...claimed, webhook })),
      );
  }

  settle(claimed: ClaimedDelivery, state: DeliveryState): ResultAsync<void, DeliveryLost | PortUnavailable> {
    return this.#store.settle(claimed, state);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  /** Those of the texts that are given, sealed. */
  #sealed(
    owner: UserId,
    id: WebhookId,
    { url, description, secret }: Partial<SealedTexts>,
  ): ResultAsync<Partial<SealedTexts>, PortUnavailable> {
    if (url === undefined && typeof description !== 'string' && secret === undefined) return okAsync({});
    return this.#fields.sealer(owner).map((seal) => ({
      ...(url === undefined ? {} : { url: seal('webhook.url', id, url) }),
      ...(typeof description === 'string' ? { description: seal('webhook.description', id, description) } : {}),
      ...(secret === undefined ? {} : { secret: seal('webhook.secret', id, secret) }),
    }));
  }

  #opened(stored: Webhook, operation: string): ResultAsync<Webhook, PortUnavailable> {
    const { owner, webhookId: record } = stored;
    const open = <Text extends string | null>(purpose: string, text: Text) =>
      this.#fields.open({ owner, purpose, record }, text, operation);
    return ResultAsync.combine([
      open('webhook.url', stored.url),
      open('webhook.description', stored.description),
      open('webhook.secret', stored.secret),
    ] as const).map(([url, description, secret]) => ({ ...stored, url, description, secret }));
  }
}
