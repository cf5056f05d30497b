import fc from 'fast-check';
import type { ChunkPlace } from '../../core/health-data/ports.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET, type Span } from '../../core/health-data/samples.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../core/kernel/local-time.ts';
import { PHONE, WATCH } from '../unit/sample-columns.ts';
import type { Actor } from './modelled-port.ts';

/** A sample to be sent. */
export interface DrawnSample {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number;
  /** Index into `SOURCES`. */
  readonly source: number;
  readonly offsetMinutes: number;
}

interface DrawnBatch {
  readonly type: SampleType;
  readonly samples: readonly DrawnSample[];
}

/** A call that changes what samples are kept. */
export type SampleWrite =
  | { readonly do: 'append samples'; readonly upload: number; readonly batches: readonly DrawnBatch[] }
  | { readonly do: 'delete samples'; readonly upload: number }
  | { readonly do: 'erase samples' };

/** A call of the sample store. */
export type SampleCommand =
  | SampleWrite
  | { readonly do: 'read samples'; readonly types: readonly SampleType[]; readonly span: Span }
  | { readonly do: 'days with data'; readonly types: readonly SampleType[] }
  | { readonly do: 'chunks'; readonly after: ChunkPlace | null; readonly limit: number };

/** The types that occur. */
export const TYPES: readonly SampleType[] = ['heart_rate', 'sleep_stage', 'step_count'];
/** The sources that occur, ascending by key. */
export const SOURCES = [PHONE, WATCH].toSorted((a, b) => (a.key < b.key ? -1 : 1));
/** 2025-03-10, UTC. */
const FIRST_DAY = 20_157;
const HOUR_MS = 60 * MS_PER_MINUTE;

const anyType = fc.constantFrom(...TYPES);
const someTypes = fc.subarray([...TYPES, ...TYPES.slice(0, 1)], { minLength: 0 });

/** Few distinct values, so that equal samples, equal starts and samples across many days are common. */
const drawnSample = (sharesOwner: boolean): fc.Arbitrary<DrawnSample> =>
  fc
    .record({
      day: fc.constantFrom(0, 0, 1, 1, 2, 3, 40, -FIRST_DAY - 1),
      hour: fc.constantFrom(0, 7.5, 12, 23),
      hours: fc.constantFrom(0, 0, 1, 7, 30, 100, 1000),
      value: fc.constantFrom(0, 1, 61.5),
      source: fc.nat({ max: SOURCES.length - 1 }),
      // What becomes of an offset when others delete meanwhile depends on the order.
      offsetMinutes: sharesOwner ? fc.constant(60) : fc.constantFrom(UNKNOWN_OFFSET, 60, -330),
    })
    .map(({ day, hour, hours, ...rest }) => {
      const startMs = (FIRST_DAY + day) * MS_PER_DAY + hour * HOUR_MS;
      return { startMs, endMs: startMs + hours * HOUR_MS, ...rest };
    });

const anySpan: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: -30, max: 1100 }), fc.integer({ min: -2, max: 200 }))
  .map(([from, hours]) => {
    const fromMs = FIRST_DAY * MS_PER_DAY + from * HOUR_MS;
    return { fromMs, toMs: fromMs + hours * HOUR_MS };
  });

/** Calls that change something. An actor that shares its owner does not erase what is not its own. */
export const anySampleWrite = (actor: Pick<Actor, 'sharesOwner'>, uploads: number): fc.Arbitrary<SampleWrite> => {
  const upload = fc.nat({ max: uploads - 1 });
  const batch = fc.record({ type: anyType, samples: fc.array(drawnSample(actor.sharesOwner), { maxLength: 8 }) });
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('append samples' as const),
        upload,
        batches: fc.array(batch, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete samples' as const), upload }) },
    ...(actor.sharesOwner ? [] : [{ weight: 1, arbitrary: fc.constant({ do: 'erase samples' as const }) }]),
  );
};

/** Calls that only read. */
export const anySampleRead = (actor: Pick<Actor, 'sharesOwner'>): fc.Arbitrary<SampleCommand> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('read samples' as const), types: someTypes, span: anySpan }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('days with data' as const), types: someTypes }) },
    ...(actor.sharesOwner
      ? []
      : [
          {
            weight: 1,
            arbitrary: fc.record({
              do: fc.constant('chunks' as const),
              after: fc.option(
                fc.record({ type: anyType, day: fc.integer({ min: FIRST_DAY - 1, max: FIRST_DAY + 4 }) }),
              ),
              limit: fc.integer({ min: 1, max: 6 }),
            }),
          },
        ]),
  );
