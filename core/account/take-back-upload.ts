import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { AnalysisStore } from '../analysis/ports.ts';
import type { MetricStore, SampleStore, UploadStore } from '../health-data/ports.ts';
import type { InsightStore } from '../insights/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';

export interface TakeBackUploadPorts {
  readonly uploads: Pick<UploadStore, 'get'>;
  readonly samples: Pick<SampleStore, 'deleteUpload'>;
  readonly metrics: Pick<MetricStore, 'deleteUpload'>;
  readonly analyses: Pick<AnalysisStore, 'deleteUpload'>;
  readonly insights: Pick<InsightStore, 'deleteUpload'>;
}

/**
 * For whoever has written something that was made of an upload: removes it again when the upload has gone meanwhile,
 * and answers whether that was so. Called after the last write, however the work ended, it leaves nothing behind of an
 * upload or a person that was erased while the work went on.
 */
export function takeBackUpload(ports: TakeBackUploadPorts) {
  return (command: {
    readonly owner: UserId;
    readonly upload: ProcessingId;
  }): ResultAsync<'kept' | 'taken-back', PortUnavailable> => {
    const { owner, upload } = command;
    return ports.uploads
      .get(owner, upload)
      .map((): 'kept' | 'taken-back' => 'kept')
      .orElse((error) =>
        error.kind === 'port-unavailable'
          ? errAsync(error)
          : ResultAsync.combine([
              ports.samples.deleteUpload(owner, upload),
              ports.metrics.deleteUpload(owner, upload),
              ports.analyses.deleteUpload(owner, upload),
              ports.insights.deleteUpload(owner, upload),
            ]).andThen(() => okAsync('taken-back' as const)),
      );
  };
}
