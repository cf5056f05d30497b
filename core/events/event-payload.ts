import type { OwnerEventDraft, OwnerEventType } from './model.ts';

/** An event as people's programs read it, in streams and in webhooks: Standard Webhooks' `{type, timestamp, data}`. */
export interface EventPayload {
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** What the subject of an event is called. */
const SUBJECTS: Readonly<Record<OwnerEventType, string>> = {
  'processing.updated': 'processing_id',
  'processing.completed': 'processing_id',
  'processing.failed': 'processing_id',
  'analysis.completed': 'analysis_id',
  'insight.completed': 'insight_id',
  'data.deleted': 'processing_id',
  'access.emergency': 'access_id',
};

/** The same event is the same payload wherever it is shown. */
export const eventPayload = ({ type, atMs, upload, subject, data }: OwnerEventDraft): EventPayload => ({
  type,
  timestamp: new Date(atMs).toISOString(),
  data: { processing_id: upload, [SUBJECTS[type]]: subject, ...data },
});
