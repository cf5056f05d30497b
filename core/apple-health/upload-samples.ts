import type { ResultAsync } from 'neverthrow';
import { ImportTally } from '../health-data/import-export.ts';
import type { Upload, UploadCounts } from '../health-data/model.ts';
import { rawUploadKey } from '../health-data/object-keys.ts';
import type { SampleStore } from '../health-data/ports.ts';
import { enqueueProcessing, keepRaw, newUpload, type UploadPorts } from '../health-data/receive-upload.ts';
import { SampleColumnsBuilder } from '../health-data/sample-builder.ts';
import { withinQuota, type QuotaExceeded } from '../health-data/upload-quota.ts';
import { UNKNOWN_OFFSET, type AppendCount, type SampleColumns } from '../health-data/samples.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { processingId, type Ids, type UserId } from '../kernel/ids.ts';
import { fixedOffsetZone } from '../kernel/local-time.ts';
import { RejectionTally } from './rejections.ts';
import { normaliseSample, type RawHealthKitSample, type SampleLimits } from './sample-normaliser.ts';

/** A raw sample and its place in the request, for the notices. */
export interface PlacedSample extends RawHealthKitSample {
  /** JSON pointer such as `/quantity_samples/3`. */
  readonly pointer: string;
}

/** A list item that was not even a sample. */
export interface UnreadableSample {
  readonly pointer: string;
  readonly message: string;
}

export interface UploadSamplesCommand {
  readonly owner: UserId;
  readonly samples: readonly PlacedSample[];
  readonly unreadable: readonly UnreadableSample[];
  /** Parts of the request that are kept in the raw body and not read further, by name. */
  readonly unread: Readonly<Record<string, number>>;
  readonly limits: SampleLimits;
  readonly timezone: string | null;
  readonly syncToken: string | null;
  readonly uploadSource: string;
  /** The body as it came. */
  readonly raw: Uint8Array;
}

export interface UploadSamplesPorts extends UploadPorts {
  readonly samples: SampleStore;
  readonly ids: Ids;
}

/**
 * Keeps the raw body, stores every HealthKit sample that is right and new, and queues the analysis. A sample that is not
 * right is set aside and counted by reason. The upload's id is `<user id>-<32 hex>`, as clients know it.
 *
 * With the same ids and instant it can be done again, wherever it was left, and ends in the state of doing it once. The
 * counts are those of doing it once, too, unless another upload brought the same samples in between: what both have
 * counts as duplicate then.
 */
export function uploadSamples(ports: UploadSamplesPorts) {
  return (command: UploadSamplesCommand): ResultAsync<Upload, QuotaExceeded | PortUnavailable> => {
    const { owner, raw } = command;
    const nowMs = ports.clock.now();
    const id = processingId(`${owner}-${ports.ids.uuid().replaceAll('-', '')}`);
    const builder = new SampleColumnsBuilder();
    const rejections = new RejectionTally();
    for (const { pointer, message } of command.unreadable) {
      rejections.countOther('malformed-sample', `A sample is not of the documented form: ${message}.`, () => pointer);
    }
    for (const sample of command.samples) {
      normaliseSample(sample, command.limits).match(
        (good) => {
          builder.add(good.type, good.startMs, good.endMs, good.value, good.offsetMinutes, good.source);
        },
        ({ reason, type, identifier }) => {
          rejections.countSample(reason, type, identifier, () => sample.pointer);
        },
      );
    }
    const notices = [
      ...rejections.notices(),
      ...Object.entries(command.unread)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => ({
          code: 'kept-unread',
          message: `${name} are kept with the raw upload and make no samples.`,
          count,
          firstAt: `/${name}/0`,
        })),
    ];
    const batches = builder.take();
    const upload = newUpload({
      owner,
      processingId: id,
      kind: 'healthkit',
      uploadSource: command.uploadSource,
      timezone: command.timezone,
      syncToken: command.syncToken,
      nowMs,
    });
    const admitted = withinQuota(ports)({ owner, upload: id, bytes: raw.byteLength, isWorkedOn: true });
    return admitted
      .andThen(() => keepRaw(ports)(upload, rawUploadKey(owner, id, nowMs, 'json'), raw))
      .andThen((kept) =>
        ports.samples.append(owner, id, batches).andThen((appended) => {
          const tally = new ImportTally();
          tally.add(batches, appended.map(countedOnce));
          const counts: UploadCounts = { ...tally.counts(), rejected: notices, timeZone: offsetName(batches) };
          return enqueueProcessing(ports)({ ...kept, counts }, 'Stored; the analysis is queued.');
        }),
      );
  };
}

/** As the attempt counted them that stored what an earlier attempt at this upload had stored already. */
const countedOnce = ({ type, stored, duplicates, repeated }: AppendCount): AppendCount => ({
  type,
  stored: stored + repeated,
  duplicates: duplicates - repeated,
  repeated,
});

/** The UTC offset that most samples carry, as a zone's name; the one furthest west among equals. */
function offsetName(batches: readonly SampleColumns[]): string | null {
  const counts = new Map<number, number>();
  for (const { offsetMinutes } of batches) {
    for (const minutes of offsetMinutes) {
      if (minutes !== UNKNOWN_OFFSET) counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
    }
  }
  const [common] = [...counts].sort(([a, aCount], [b, bCount]) => bCount - aCount || a - b);
  return common === undefined ? null : fixedOffsetZone(common[0]).name;
}
