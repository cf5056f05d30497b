import { err, ok, type Result, ResultAsync } from 'neverthrow';
import type { AnalysisStore } from '../analysis/ports.ts';
import type { Upload } from '../health-data/model.ts';
import type { MetricStore, ObjectStore, SampleStore, UploadStore } from '../health-data/ports.ts';
import type { InsightStore } from '../insights/ports.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** The stores that hold what a person has sent, and what was made of it. */
export interface AccountStores {
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly metrics: MetricStore;
  readonly samples: SampleStore;
  readonly analyses: AnalysisStore;
  readonly insights: InsightStore;
}

/** One end of a move: where the data lie, and under whose id. */
export interface AccountSide {
  readonly stores: AccountStores;
  readonly owner: UserId;
}

/** From where to where. */
export interface AccountMove {
  readonly source: AccountSide;
  readonly target: AccountSide;
}

export type SideName = keyof AccountMove;

/** A store of one of the two ends did not do its work. */
export interface SideUnavailable {
  readonly kind: 'side-unavailable';
  readonly side: SideName;
  readonly error: PortUnavailable;
}

export const sideUnavailable =
  (side: SideName) =>
  (error: PortUnavailable): SideUnavailable => ({ kind: 'side-unavailable', side, error });

/** What is moved, in this order: an upload's raw bytes are there before the upload that names them. */
export const ACCOUNT_KINDS = ['objects', 'uploads', 'metrics', 'samples', 'analyses', 'insights'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** How far a copy or a comparison is. */
export interface MoveProgress {
  readonly stage: 'copy' | 'compare';
  readonly kind: AccountKind;
  /** Of the kind's own pieces: objects, uploads, metrics, chunks of samples, uploads whose analyses were looked at, insights. */
  readonly done: number;
}

/** The digest of bytes that come one after the other, so that a large object is never whole in memory. */
export interface RunningDigest {
  add(bytes: Uint8Array): void;
  /** Lower-case hexadecimal SHA-256 of all bytes added; ends the digest. */
  sha256Hex(): string;
}

/** Where running digests come from; the host provides it, as it does `Digest`. */
export interface StreamDigest {
  begin(): RunningDigest;
}

/** More than any person has; the stores list newest first and take a limit. */
const ALL = 1_000_000_000;

/** All uploads of one side, the oldest first. */
export const allUploads = (
  side: SideName,
  { stores, owner }: AccountSide,
): ResultAsync<readonly Upload[], SideUnavailable> =>
  stores.uploads
    .list(owner, ALL)
    .mapErr(sideUnavailable(side))
    .map((uploads) => [...uploads].reverse());

/** Absence as a value. */
export const orNull = <T>(
  side: SideName,
  found: ResultAsync<T, NotFound | PortUnavailable>,
): ResultAsync<T | null, SideUnavailable> =>
  new ResultAsync<T | null, SideUnavailable>(
    found.match(
      (value): Result<T | null, SideUnavailable> => ok(value),
      (error) => (error.kind === 'not-found' ? ok(null) : err(sideUnavailable(side)(error))),
    ),
  );

/** `raw_data/YYYY/MM/DD/<owner>/...` and `uploads/YYYY/MM/DD/<owner>/...`: the layouts that name the owner. */
const OWNER_IN_KEY = /^((?:raw_data|uploads)\/\d{4}\/\d{2}\/\d{2}\/)([^/]+)(\/.+)$/s;

/**
 * The key under which the other person's object of this key is kept: the owner's segment is replaced in the layouts
 * that have one, everything else stays. Processing ids stay as they are, also those that begin with the old owner's id
 * (`<user>-<32 hex>`), since clients hold them.
 */
export function movedKey(key: string, from: UserId, to: UserId): string {
  const layout = OWNER_IN_KEY.exec(key);
  return layout?.[2] === from ? `${layout[1] ?? ''}${to}${layout[3] ?? ''}` : key;
}

/** The upload as the other person's: its raw bytes lie under the moved key. */
export const movedUpload = (upload: Upload, to: UserId): Upload => ({
  ...upload,
  owner: to,
  raw: upload.raw === null ? null : { ...upload.raw, key: movedKey(upload.raw.key, upload.owner, to) },
});
