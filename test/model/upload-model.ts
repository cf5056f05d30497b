import fc from 'fast-check';
import {
  NO_COUNTS,
  PROCESSING_STATUSES,
  UPLOAD_KINDS,
  type ProcessingStatus,
  type Upload,
  type UploadChange,
  type UploadKind,
} from '../../core/health-data/model.ts';
import type { ProcessingId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { valueOf } from '../unit/result-values.ts';
import { answerOf, Divergence, same, uploadOf, type Actor, type ModelledPort, type Stores } from './modelled-port.ts';

/** A call that changes what uploads are kept. */
export type UploadWrite =
  | { readonly do: 'insert upload'; readonly upload: number; readonly kind: UploadKind; readonly createdAtMs: number }
  | {
      readonly do: 'change upload';
      readonly upload: number;
      readonly change: UploadChange;
      readonly nowMs: number;
      readonly onlyIf: readonly ProcessingStatus[] | null;
    }
  | { readonly do: 'delete upload'; readonly upload: number }
  | { readonly do: 'erase uploads' };

/** A call of the upload store. */
export type UploadCommand =
  | UploadWrite
  | { readonly do: 'get upload'; readonly upload: number }
  | { readonly do: 'list uploads'; readonly limit: number };

const NOON = Date.UTC(2025, 2, 10, 12);
const ALL = 10_000;

const newUpload = (
  actor: Actor,
  { upload, kind, createdAtMs }: Extract<UploadWrite, { readonly do: 'insert upload' }>,
): Upload => ({
  owner: actor.owner,
  processingId: uploadOf(actor, upload),
  kind,
  status: 'received',
  createdAtMs,
  updatedAtMs: createdAtMs,
  uploadSource: actor.name,
  raw: null,
  timezone: upload % 2 === 0 ? null : 'Europe/Berlin',
  syncToken: null,
  progress: 0,
  message: 'Received.',
  counts: NO_COUNTS,
  failure: null,
});

const compareInList = (a: Upload, b: Upload): number =>
  b.createdAtMs - a.createdAtMs || (a.processingId < b.processingId ? 1 : a.processingId > b.processingId ? -1 : 0);

const NOT_FOUND = { error: 'not-found', retryable: false } as const;

/** The plain map that an upload store must be like: one upload a piece, by its id. */
export const uploadModel: ModelledPort<UploadCommand, Upload> = {
  apply: (content, actor, command) => {
    if (command.do === 'erase uploads') return { answer: { value: null }, content: new Map() };
    if (command.do === 'list uploads') {
      const limit = actor.sharesOwner ? ALL : command.limit;
      return { answer: { value: [...content.values()].toSorted(compareInList).slice(0, limit) }, content };
    }
    const id: string = uploadOf(actor, command.upload);
    const before = content.get(id);
    if (command.do === 'insert upload') {
      if (before !== undefined) return { answer: { value: null }, content };
      return { answer: { value: null }, content: new Map(content).set(id, newUpload(actor, command)) };
    }
    if (before === undefined) return { answer: NOT_FOUND, content };
    switch (command.do) {
      case 'get upload':
        return { answer: { value: before }, content };
      case 'change upload': {
        if (command.onlyIf?.includes(before.status) === false) return { answer: { value: before }, content };
        const after = { ...before, ...command.change, updatedAtMs: command.nowMs };
        return { answer: { value: after }, content: new Map(content).set(id, after) };
      }
      case 'delete upload':
        return {
          answer: { value: null },
          content: new Map([...content].filter(([other]) => other !== id)),
        };
    }
  },
  perform: ({ uploads }, actor, command) => {
    const { owner } = actor;
    switch (command.do) {
      case 'insert upload':
        return answerOf(uploads.insert(newUpload(actor, command)), () => null);
      case 'change upload':
        return answerOf(
          uploads.change(
            owner,
            uploadOf(actor, command.upload),
            command.change,
            command.nowMs,
            command.onlyIf === null ? undefined : { status: command.onlyIf },
          ),
        );
      case 'delete upload':
        return answerOf(uploads.delete(owner, uploadOf(actor, command.upload)), () => null);
      case 'erase uploads':
        return answerOf(uploads.eraseOwner(owner), () => null);
      case 'get upload':
        return answerOf(uploads.get(owner, uploadOf(actor, command.upload)));
      case 'list uploads':
        return answerOf(uploads.list(owner, actor.sharesOwner ? ALL : command.limit), (all) => ownOf(actor, all));
    }
  },
  agrees: (_actor, _command, expected, actual) => same(expected, actual),
  observe: async ({ uploads }, actor) => {
    const listed = ownOf(actor, valueOf(await uploads.list(actor.owner, ALL)));
    const content = new Map<string, Upload>(listed.map((upload) => [upload.processingId, upload]));
    if (content.size < listed.length) throw new Divergence('an upload is listed twice', { listed });
    return content;
  },
  views: async (stores, actor) => {
    const seen = new Map<string, Upload>();
    for (const id of actor.uploads) {
      const upload = await get(stores, actor, id);
      if (upload !== null) seen.set(id, upload);
    }
    return [{ name: 'each upload by its id', seen, of: (upload) => upload }];
  },
  mayRefuseAgain: () => false,
};

const ownOf = ({ uploads }: Actor, all: readonly Upload[]): readonly Upload[] =>
  all.filter(({ processingId }) => uploads.includes(processingId));

const get = async ({ uploads }: Stores, { owner }: Actor, id: ProcessingId): Promise<Upload | null> => {
  const found = await uploads.get(owner, id);
  return found.isErr() && found.error.kind === 'not-found' ? null : valueOf(found);
};

const anyChange: fc.Arbitrary<UploadChange> = fc.record(
  {
    status: fc.constantFrom(...PROCESSING_STATUSES),
    progress: fc.constantFrom(0, 1 / 3, 1),
    message: fc.constantFrom('Reading.', 'Done ✓ "quoted"'),
    counts: fc.constantFrom(NO_COUNTS, { ...NO_COUNTS, accepted: { heart_rate: 12 }, timeZone: 'Europe/Berlin' }),
    failure: fc.constantFrom(null, { code: 'unreadable-file', reason: 'The file cannot be read.' }),
    raw: fc.constantFrom(null, { key: 'uploads/2025/03/10/a.json', sha256: 'ab'.repeat(32), bytes: 12 }),
  },
  { requiredKeys: [] },
);

/** Calls that change something. An actor that shares its owner does not erase what is not its own. */
export const anyUploadWrite = (actor: Pick<Actor, 'sharesOwner'>, uploads: number): fc.Arbitrary<UploadWrite> => {
  const upload = fc.nat({ max: uploads - 1 });
  const instant = fc.constantFrom(0, 0, 1, 0.5, MS_PER_DAY).map((ms) => NOON + ms);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('insert upload' as const),
        upload,
        kind: fc.constantFrom(...UPLOAD_KINDS),
        createdAtMs: instant,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('change upload' as const),
        upload,
        change: anyChange,
        nowMs: instant,
        onlyIf: fc.option(fc.subarray([...PROCESSING_STATUSES], { minLength: 1 }), { nil: null }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete upload' as const), upload }) },
    ...(actor.sharesOwner ? [] : [{ weight: 1, arbitrary: fc.constant({ do: 'erase uploads' as const }) }]),
  );
};

/** Calls that only read. */
export const anyUploadRead = (uploads: number): fc.Arbitrary<UploadCommand> =>
  fc.oneof(
    fc.record({ do: fc.constant('get upload' as const), upload: fc.nat({ max: uploads - 1 }) }),
    fc.record({ do: fc.constant('list uploads' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  );
