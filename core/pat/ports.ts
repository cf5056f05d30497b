import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import { MINUTES_PER_DAY } from '../kernel/local-time.ts';
import type { Catalogue, ModelEntry } from './installed/catalogue.ts';
import type { PatWeights } from './encoder/weights.ts';

/** The length that PAT was pretrained on: 10,080 local minutes. */
export const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
/** The longest input: two weeks of minutes. */
export const MOST_MINUTES = 2 * MINUTES_PER_WEEK;

/**
 * Whether the encoder can answer. `weights_not_installed`: there are none. `weights_corrupt`: they are not the bytes that
 * were installed, or do not compute what they computed then. `weights_unknown`: they were asked for by a name that the
 * manifest does not hold, or lie in the folder without an entry in it. `engine_unavailable`: nothing loads that could
 * run them.
 */
export type ModelStatus =
  | 'ready'
  | 'weights_not_installed'
  | 'weights_corrupt'
  | 'weights_unknown'
  | 'engine_unavailable';

/** Which encoder would answer, and whether it can. */
export interface ModelDescription {
  readonly status: ModelStatus;
  /** Such as `PAT-S`; null unless ready. */
  readonly name: string | null;
  /** Such as `onnxruntime 1.30.0 (cpu)`; null unless ready. */
  readonly engine: string | null;
  /** One plain sentence: what runs, or what is missing and how to get it. */
  readonly message: string;
  /** What the manifest says of the weights in use; null unless ready. */
  readonly entry: ModelEntry | null;
}

export interface ModelUnavailable {
  readonly kind: 'model-unavailable';
  readonly status: Exclude<ModelStatus, 'ready'>;
  readonly message: string;
}

/** These minutes are nothing that the encoder takes; `reason` is one plain sentence with the number that failed. */
export interface NotEncodable {
  readonly kind: 'not-encodable';
  readonly reason: string;
}

/** One encoded recording. */
export interface EncodedWeek {
  /** One token a patch, row-major (patches, 96). */
  readonly tokens: Float32Array;
  /** Mean over the tokens: 96 numbers. */
  readonly pooled: Float32Array;
  /** Attention received by each patch in the last block, mean over heads, summing to 1. */
  readonly attentionReceived: Float32Array;
}

/** An encoded recording, and what encoded it: a model may be replaced while it is in use. */
export interface AnsweredWeek extends EncodedWeek {
  readonly by: { readonly entry: ModelEntry; readonly engine: string };
}

/** What a caller who may lose interest hands in; the platform's `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The Pretrained Actigraphy Transformer's encoder (Ruan et al. 2024, arXiv:2411.15240). */
export interface ActigraphyModel {
  /** Which encoder would answer now; what was installed a moment ago counts. */
  describe(): ResultAsync<ModelDescription, PortUnavailable>;
  /**
   * Encodes standardised recordings of one to fourteen local days of minutes each, without missing values, in one call;
   * the answers come in the order of the inputs. A full queue, a missed deadline and a cancelled call are
   * `port-unavailable`, and the same call may succeed later. The same input gives the same bytes.
   */
  encode(
    weeks: readonly Float32Array[],
    cancel?: CancelSignal,
  ): ResultAsync<readonly AnsweredWeek[], ModelUnavailable | NotEncodable | PortUnavailable>;
}

/** An engine with an encoder's weights in it, on one thread. */
export interface LoadedEncoder {
  /** Such as `onnxruntime 1.30.0 (cpu)`. */
  readonly engine: string;
  encode(week: Float32Array): Promise<EncodedWeek>;
  dispose(): Promise<void>;
}

/** The engines, the fastest first. */
export const ENGINE_NAMES = ['onnx', 'tensorflow', 'wasm', 'cpu'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** `auto` is the first engine that loads. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Where the code of an engine lies, so that it can be loaded on a worker thread. */
export interface EngineModule {
  readonly name: EngineName;
  /** URL of a module that exports the tasks of an `EncoderThread`. */
  readonly workerUrl: string;
  /** Whether one encoder keeps all processors busy by itself. */
  readonly usesAllProcessors: boolean;
  /** Whether its thread may be ended while it computes: native code does not survive that. */
  readonly canBeInterrupted: boolean;
}

/** What an engine's thread is started with. */
export interface EncoderThreadData {
  readonly engine: EngineName;
  readonly weights: PatWeights;
  /** Threads that the engine may use by itself. */
  readonly threads: number;
}

/** Loads an engine on the calling thread, or rejects with the reason. */
export type LoadEncoder = (data: EncoderThreadData) => Promise<LoadedEncoder>;

/** A file as it was given, before anybody knows whether it is an encoder's weights. */
export interface FetchedFile {
  /** The last part of its name, such as `PAT-S_29k_weights.h5`. */
  readonly name: string;
  /** Where it came from, without credentials. */
  readonly location: string;
  readonly bytes: Uint8Array;
}

export interface FileNotFetched {
  readonly kind: 'file-not-fetched';
  readonly location: string;
  /** One plain sentence. */
  readonly reason: string;
}

/** Reads a file that the operator names by a path or a URL. */
export interface FileSource {
  /** At most `limitBytes`; a longer file is refused without being read whole. */
  fetch(location: string, limitBytes: number): ResultAsync<FetchedFile, FileNotFetched>;
}

/** A tensor as a weight file holds it. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Row-major; null where the file's numbers are not float32. */
  readonly values: Float32Array | null;
}

/** The content of a weight file: tensors by their path, such as `/dense/dense/kernel:0`. */
export interface WeightFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Groups by their path, the empty ones too, each with the tensor paths that its `weight_names` lists. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export interface WeightFileUnreadable {
  readonly kind: 'weight-file-unreadable';
  /** One plain sentence. */
  readonly reason: string;
}

/** Reads the container format that the authors publish their weights in. Hostile bytes end in an error, in time. */
export interface WeightFileReader {
  read(bytes: Uint8Array): ResultAsync<WeightFile, WeightFileUnreadable>;
}

/** An installed encoder whose bytes are those that were installed. */
export interface VerifiedModel {
  readonly entry: ModelEntry;
  readonly weights: PatWeights;
}

/** The folder of installed models, heads and populations, with the manifest that speaks for it. */
export interface ModelRepository {
  /** Differs whenever the manifest does; cheap enough to ask before every use. */
  revision(): ResultAsync<string, PortUnavailable>;
  /** The manifest, the empty one where there is none; one that cannot be made sense of is `weights_corrupt`. */
  catalogue(): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable>;
  /** Files that look like weights and that no entry names, in the order of their names. */
  strays(): ResultAsync<readonly string[], PortUnavailable>;
  /** Reads weights, their hash checked against the entry before anything else is made of them. */
  readWeights(entry: ModelEntry): ResultAsync<VerifiedModel, ModelUnavailable | PortUnavailable>;
  /** Reads a text file of a catalogue entry, held to its SHA-256 in the same way. */
  readText(file: StoredFile): ResultAsync<string, ModelUnavailable | PortUnavailable>;
  /** Writes weights in the project's own container, durable before it answers. */
  writeWeights(
    id: string,
    weights: PatWeights,
    facts: Readonly<Record<string, string>>,
  ): ResultAsync<StoredFile, PortUnavailable>;
  /** Writes a text under a name of the model folder in the same way. */
  writeText(name: string, text: string): ResultAsync<StoredFile, PortUnavailable>;
  /** Puts what `change` makes of the manifest in its place, in one step; nobody else writes it meanwhile. */
  changeCatalogue(
    change: (catalogue: Catalogue) => Catalogue,
  ): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable>;
}

/** A file in the model folder. */
export interface StoredFile {
  /** Its name in the folder; never a path. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}
