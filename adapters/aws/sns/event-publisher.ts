import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ResultAsync } from 'neverthrow';
import type { AnalysisEvent, EventPublisher } from '../../../core/analysis/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { orUnavailable, type AwsCaller } from '../aws-caller.ts';
import { clientConfig, type AwsSettings } from '../settings.ts';

const SUBJECTS: Readonly<Record<AnalysisEvent['type'], string>> = {
  'analysis.completed': 'Analysis Completed',
  'insight.completed': 'Insight Completed',
};

export interface SnsEventPublisherDeps {
  readonly settings: AwsSettings;
  readonly topicArn: string;
  readonly caller: AwsCaller;
}

/**
 * Sends events to a topic, in the older service's envelope `{id, type, timestamp, data}`. An event that is sent twice
 * has the same `id` both times, so that a receiver can tell.
 */
export class SnsEventPublisher implements EventPublisher {
  readonly #client: SNSClient;
  readonly #topicArn: string;
  readonly #caller: AwsCaller;

  constructor({ settings, topicArn, caller }: SnsEventPublisherDeps) {
    this.#client = new SNSClient(clientConfig(settings, 'sns'));
    this.#topicArn = topicArn;
    this.#caller = caller;
  }

  publish(event: AnalysisEvent): ResultAsync<void, PortUnavailable> {
    const command = new PublishCommand({
      TopicArn: this.#topicArn,
      Subject: SUBJECTS[event.type],
      Message: JSON.stringify(envelopeOf(event)),
      MessageAttributes: {
        event_type: { DataType: 'String', StringValue: event.type },
        user_id: { DataType: 'String', StringValue: event.owner },
      },
    });
    const sent = this.#caller.call((abortSignal) => this.#client.send(command, { abortSignal }));
    return orUnavailable('EventPublisher', 'publish', sent).map(() => undefined);
  }

  close(): void {
    this.#client.destroy();
  }
}

const envelopeOf = ({ type, owner, upload, id, atMs }: AnalysisEvent) => ({
  id: `${type}/${id}`,
  type,
  timestamp: new Date(atMs).toISOString(),
  data: {
    user_id: owner,
    upload_id: upload,
    ...(type === 'analysis.completed' ? { analysis_id: id } : { insight_id: id }),
  },
});
