import { errAsync, type ResultAsync } from 'neverthrow';
import type { DirectUploads, DirectUploadUnavailable } from '../../core/health-data/ports.ts';

const UNAVAILABLE: DirectUploadUnavailable = { kind: 'direct-upload-unavailable' };

/** Of a store that clients cannot reach themselves: everything has to come through the service. */
export class NoDirectUploads implements DirectUploads {
  grant(): ResultAsync<never, DirectUploadUnavailable> {
    return errAsync(UNAVAILABLE);
  }

  arrived(): ResultAsync<never, DirectUploadUnavailable> {
    return errAsync(UNAVAILABLE);
  }
}
