import { createHash } from 'node:crypto';
import { Hdf5WeightFileReader } from '../../adapters/hdf5/weight-file-reader.ts';
import { recogniseWeights } from '../../core/pat/installed/recognise-weights.ts';
import { randomStream, type RandomStream } from '../../core/simulation/random.ts';
import { writeSeededH5, writeSmallH5 } from '../fixtures/pat/write-h5.ts';
import { valueOf } from '../unit/result-values.ts';

/** No file, however damaged, may keep its sender waiting longer. */
const MOST_MS = 2000;
/** Given to the reader: many times what a sound file takes, and short enough to wait for often. */
const DEADLINE_MS = 500;
/** Every so many mutations are made to a whole encoder, in which the recogniser finds something to recognise. */
const WHOLE_ENCODER_EVERY = 8;
/** Tensors from this size on are left out of what is mutated; a changed number in them is no damage to the format. */
const SMALLEST_DATA_BYTES = 256;
const MOST_CHANGES = 4;
/** Readers at work side by side: one of them may be waiting for a file that makes its thread run for ever. */
const LANES = 2;
const MOST_SPLICED_BYTES = 512;

/** What became of the mutated files. */
export interface FuzzReport {
  readonly mutations: number;
  readonly seed: number;
  /** Read to the end in spite of the change. */
  readonly read: number;
  /** Of those read, how many the core still takes for an encoder: the change is in a number, or in nothing. */
  readonly recognised: number;
  readonly refused: number;
  readonly timed_out: number;
  readonly longest_ms: number;
  readonly seconds: number;
}

/** A sound file, and where in it there is something else than numbers of tensors. */
interface Specimen {
  readonly bytes: Uint8Array;
  readonly metadata: Uint32Array;
}

/**
 * Reads `mutations` damaged HDF5 files as an installation would. Each one depends on the seed and its number alone. A
 * crash ends the process; a rejected promise, an untyped error and a file that takes longer than two seconds throw with
 * the number of the file.
 */
export async function fuzzHdf5(mutations: number, seed: number): Promise<FuzzReport> {
  const counts = { read: 0, recognised: 0, refused: 0, timed_out: 0 };
  let longestMs = 0;
  let next = 0;
  const startedMs = performance.now();
  const small = await specimen(await writeSmallH5());
  const encoder = await specimen(await writeSeededH5('S'));
  const lane = async (): Promise<void> => {
    const reader = new Hdf5WeightFileReader({ deadlineMs: DEADLINE_MS });
    try {
      for (let i = next++; i < mutations; i = next++) {
        const mutant = mutated(i % WHOLE_ENCODER_EVERY === 0 ? encoder : small, randomStream(seed, i));
        // A thread that a file has cost is replaced before the next one, whose time it is not.
        await reader.start();
        const fileStartedMs = performance.now();
        const outcome = await outcomeOf(reader, mutant).catch((cause: unknown) => {
          throw new Error(`mutation ${i} of seed ${seed} was not answered`, { cause });
        });
        const ms = performance.now() - fileStartedMs;
        if (ms > MOST_MS) throw new Error(`mutation ${i} of seed ${seed} took ${Math.round(ms)} ms`);
        longestMs = Math.max(longestMs, ms);
        counts[outcome] += 1;
      }
    } finally {
      await reader.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return {
    mutations,
    seed,
    ...counts,
    read: counts.read + counts.recognised,
    longest_ms: Math.round(longestMs),
    seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
  };
}

async function outcomeOf(
  reader: Hdf5WeightFileReader,
  bytes: Uint8Array,
): Promise<'read' | 'recognised' | 'refused' | 'timed_out'> {
  const reading = await reader.read(bytes);
  if (reading.isErr()) {
    const { kind, reason } = reading.error;
    if ((kind as string) !== 'weight-file-unreadable' || !/^The [^\n]{10,400}\.$/u.test(reason)) {
      throw new Error(`not one plain sentence: ${JSON.stringify(reading.error)}`);
    }
    return reason.includes('could not be read within') ? 'timed_out' : 'refused';
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return recogniseWeights(reading.value, sha256).isOk() ? 'recognised' : 'read';
}

async function specimen(bytes: Uint8Array): Promise<Specimen> {
  const reader = new Hdf5WeightFileReader();
  const { tensors } = valueOf(await reader.read(bytes));
  await reader.close();
  const isData = new Uint8Array(bytes.length);
  for (const { values } of tensors.values()) {
    if (values === null || values.byteLength < SMALLEST_DATA_BYTES) continue;
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(new Uint8Array(values.buffer));
    if (at < 0) throw new Error('a tensor is not stored in one piece');
    isData.fill(1, at, at + values.byteLength);
  }
  return { bytes, metadata: Uint32Array.from(bytes.keys()).filter((at) => isData[at] === 0) };
}

/** The file with one to four changes in it, most of them in what is not data. */
function mutated({ bytes, metadata }: Specimen, random: RandomStream): Uint8Array {
  const mutant = bytes.slice();
  const place = (): number =>
    random.chance(0.95)
      ? metadata[random.wholeBetween(0, metadata.length - 1)]!
      : random.wholeBetween(0, bytes.length - 1);
  const changes = random.chance(0.5) ? 1 : random.wholeBetween(2, MOST_CHANGES);
  for (let i = 0; i < changes; i++) CHANGES[random.wholeBetween(0, CHANGES.length - 1)]!(mutant, place, random);
  return random.chance(0.08)
    ? mutant.slice(0, random.chance(0.5) ? place() : random.wholeBetween(0, bytes.length))
    : mutant;
}

type Change = (bytes: Uint8Array, place: () => number, random: RandomStream) => void;

const CHANGES: readonly Change[] = [flipBits, writeByte, editField, editField, splice];

function flipBits(bytes: Uint8Array, place: () => number, random: RandomStream): void {
  const flips = random.wholeBetween(1, 8);
  for (let i = 0; i < flips; i++) bytes[place()]! ^= 1 << random.wholeBetween(0, 7);
}

function writeByte(bytes: Uint8Array, place: () => number, random: RandomStream): void {
  bytes[place()] = random.wholeBetween(0, 255);
}

/** Puts an awkward length, or an address inside the file, where there may be another one. */
function editField(bytes: Uint8Array, place: () => number, random: RandomStream): void {
  const width = [1, 2, 4, 8][random.wholeBetween(0, 3)]!;
  const near = random.wholeBetween(-2, 2);
  const values = [0, 1, 2 ** (8 * width - 1) + near, 2 ** (8 * width) - 1, bytes.length + near, place(), place()];
  let value = BigInt(Math.max(0, values[random.wholeBetween(0, values.length - 1)]!));
  // Fields of the format lie on even addresses, most of them on multiples of eight.
  const at = place() & (random.chance(0.7) ? ~7 : ~1);
  for (let i = 0; i < width && at + i < bytes.length; i++) {
    bytes[at + i] = Number(value & 0xffn);
    value >>= 8n;
  }
}

/** Copies one piece of the file over another. */
function splice(bytes: Uint8Array, place: () => number, random: RandomStream): void {
  const length = random.wholeBetween(1, MOST_SPLICED_BYTES);
  const from = place();
  bytes.copyWithin(place(), from, from + length);
}
