import type { ContainerModule } from 'inversify';
import { HttpsWebhookSender } from '../../adapters/https/webhook-sender.ts';
import type { ResolveName } from '../../adapters/https/webhook-target.ts';
import { VERSION } from '../../adapters/node/version.ts';
import { nodeWebhookSigner } from '../../adapters/node/webhook-signer.ts';
import { tellOwner, type TellOwner } from '../../core/events/tell-owner.ts';
import { TellingPublisher } from '../../core/events/telling-publisher.ts';
import { TellingUploads } from '../../core/events/telling-uploads.ts';
import type { EventPublisher } from '../../core/analysis/ports.ts';
import type { UploadStore } from '../../core/health-data/ports.ts';
import type { WebhookSigner } from '../../core/webhooks/ports.ts';
import type { Config } from './config.ts';
import { EventBell } from './event-bell.ts';
import { token, TOKENS } from './tokens.ts';
import { graphModule } from './typed-container.ts';
import type { ReportError } from './observe/report-errors.ts';
import { WebhookRunner } from './webhook-runner.ts';

/** What tells people of what happens. Ports among these stand on those of `TOKENS`, and tell of what goes through them. */
export const EVENT_TOKENS = {
  /** Rings for whoever was told something, and for deliveries that were queued. */
  bell: token<EventBell>('EventBell'),
  deliveryBell: token<EventBell>('DeliveryBell'),
  tell: token<TellOwner>('TellOwner'),
  tellingUploads: token<UploadStore>('TellingUploads'),
  tellingPublisher: token<EventPublisher>('TellingPublisher'),
  webhookSigner: token<WebhookSigner>('WebhookSigner'),
  webhookRunner: token<WebhookRunner>('WebhookRunner'),
} as const;

/** Event logs and webhooks, from what is told to what is sent. */
export const eventsModule = (
  config: Pick<Config, 'webhookAllowedHosts'>,
  { reportError, resolveName }: { readonly reportError?: ReportError; readonly resolveName?: ResolveName },
): ContainerModule =>
  graphModule((bind) => {
    bind(EVENT_TOKENS.bell, () => new EventBell());
    bind(EVENT_TOKENS.deliveryBell, () => new EventBell());
    bind(EVENT_TOKENS.tell, (get) => {
      const bell = get(EVENT_TOKENS.bell);
      const deliveryBell = get(EVENT_TOKENS.deliveryBell);
      const logger = get(TOKENS.logger);
      return tellOwner({
        ownerEvents: get(TOKENS.ownerEvents),
        webhooks: get(TOKENS.webhooks),
        ids: get(TOKENS.ids),
        observer: {
          told: (owner, deliveries) => {
            bell.ring(owner);
            if (deliveries > 0) deliveryBell.ring(owner);
          },
          untold: ({ type, subject }, { port, operation, cause }) => {
            logger.warn({ event: type, subject, port, operation, cause }, 'an event could not be told to its owner');
          },
        },
      });
    });
    bind(EVENT_TOKENS.tellingUploads, (get) => new TellingUploads(get(TOKENS.uploads), get(EVENT_TOKENS.tell)));
    bind(EVENT_TOKENS.tellingPublisher, (get) => new TellingPublisher(get(TOKENS.events), get(EVENT_TOKENS.tell)));
    bind(
      TOKENS.webhookSender,
      () =>
        new HttpsWebhookSender({
          allowedHosts: config.webhookAllowedHosts,
          userAgent: `Clarity-Webhooks/${VERSION}`,
          ...(resolveName === undefined ? {} : { resolve: resolveName }),
        }),
    );
    bind(EVENT_TOKENS.webhookSigner, () => nodeWebhookSigner);
    bind(
      EVENT_TOKENS.webhookRunner,
      (get) =>
        new WebhookRunner({
          webhooks: get(TOKENS.webhooks),
          sender: get(TOKENS.webhookSender),
          signer: get(EVENT_TOKENS.webhookSigner),
          clock: get(TOKENS.clock),
          random: Math.random,
          logger: get(TOKENS.logger),
          bell: get(EVENT_TOKENS.deliveryBell),
          reportError,
        }),
    );
  });
