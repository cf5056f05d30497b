import { isDeepStrictEqual } from 'node:util';
import type { ResultAsync } from 'neverthrow';
import type { MetricStore, SampleStore, UploadStore } from '../../core/health-data/ports.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';

/** One process's stores over a storage that others may work on at the same time. */
export interface Stores {
  readonly samples: SampleStore;
  readonly metrics: MetricStore;
  readonly uploads: UploadStore;
}

/** The write at which a process dies, counted from 0, and whether that write still takes effect. */
export interface Death {
  readonly atWrite: number;
  readonly takesEffect: boolean;
}

/** A process that will be gone at some write, unless it makes fewer. */
export interface DyingProcess {
  readonly stores: Stores;
  readonly died: () => boolean;
  /** What is left of it ends; when this resolves, nothing more of it reaches the storage. */
  readonly end: () => Promise<void>;
}

/** A storage that the model is compared with, empty at first. */
export interface StoresUnderModel {
  /** Side by side over the one storage, as processes of a deployment are. */
  readonly processes: readonly Stores[];
  readonly startDying: (death: Death) => Promise<DyingProcess>;
  readonly close: () => Promise<void>;
}

/** Who works on the stores. */
export interface Actor {
  readonly owner: UserId;
  /** Unlike every other actor's; what it sends carries it. */
  readonly name: string;
  /** Ids that no other actor uses. */
  readonly uploads: readonly ProcessingId[];
  /**
   * Another actor works on the same owner's data at the same time. Their commands commute, but what is there besides the
   * actor's own is not known.
   */
  readonly sharesOwner: boolean;
}

/** The actor's upload with this number. */
export function uploadOf({ uploads }: Actor, number: number): ProcessingId {
  const upload = uploads[number];
  if (upload === undefined) throw new RangeError(`there is no upload ${number}`);
  return upload;
}

/** What a call answered, in a form that can be compared. */
export type Answer =
  | { readonly value: unknown }
  | { readonly error: 'not-found' | 'port-unavailable'; readonly retryable: boolean };

/**
 * What is kept, by piece. A piece is what a store keeps whole: after a process died in a call, each piece is as it was
 * before the call or as it is after it.
 */
export type Content<Piece> = ReadonlyMap<string, Piece>;

/** A port and the plain map that it must be like. */
export interface ModelledPort<Command, Piece> {
  /** What the call must answer on this content, and the content after it. The content given is not changed. */
  readonly apply: (
    content: Content<Piece>,
    actor: Actor,
    command: Command,
  ) => { readonly answer: Answer; readonly content: Content<Piece> };
  readonly perform: (stores: Stores, actor: Actor, command: Command) => Promise<Answer>;
  /** What the store answers may be what the plain map answers. For an actor that shares its owner, it may hold more. */
  readonly agrees: (actor: Actor, command: Command, expected: Answer, actual: Answer) => boolean;
  /** The whole content of the actor, as the store tells it. */
  readonly observe: (stores: Stores, actor: Actor) => Promise<Content<Piece>>;
  /** The content as each other way of reading tells it; some of them may name only some of the pieces' facts. */
  readonly views: (stores: Stores, actor: Actor) => Promise<readonly View<Piece>[]>;
  /** Whether a call that was made before may be refused the second time without being wrong. */
  readonly mayRefuseAgain: (command: Command) => boolean;
}

/** A way of reading other than the one that `observe` takes. */
export interface View<Piece> {
  readonly name: string;
  readonly seen: ReadonlyMap<string, unknown>;
  /** What of a piece this way tells. */
  readonly of: (piece: Piece) => unknown;
}

/** The store is not like the plain map. */
export class Divergence extends Error {
  override readonly name = 'Divergence';
  constructor(what: string, facts: Readonly<Record<string, unknown>>) {
    super(
      [what, ...Object.entries(facts).map(([name, fact]) => `  ${name}: ${JSON.stringify(fact, mapsAsEntries)}`)].join(
        '\n',
      ),
    );
  }
}

const mapsAsEntries = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);

/** Exactly equal, down to the last bit of a number. */
export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** Awaits a port's answer; what only operators read is left out. */
export async function answerOf<T>(
  result: ResultAsync<T, { readonly kind: 'not-found' } | { readonly kind: 'port-unavailable'; retryable: boolean }>,
  told: (value: T) => unknown = (value) => value,
): Promise<Answer> {
  return (await result).match<Answer>(
    (value) => ({ value: told(value) }),
    (error) => ({ error: error.kind, retryable: error.kind === 'port-unavailable' && error.retryable }),
  );
}
