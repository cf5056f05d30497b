import { err, ok } from 'neverthrow';
import type { Result } from 'neverthrow';
import { processingId } from '../kernel/ids.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../kernel/local-time.ts';
import { ByteReader, ByteWriter, crc32 } from './chunk-bytes.ts';
import { chunkFault } from './chunk-soundness.ts';
import type { SampleChunk } from './sample-chunk.ts';
import { SAMPLE_TYPES } from './sample-types.ts';
import type { SampleType } from './sample-types.ts';
import type { SampleSource } from './samples.ts';

/**
 * The stored form of a chunk, version 1. `u` is an unsigned and `s` a signed number of `ByteWriter`, `t` text, `f` a
 * 64-bit float; all little-endian. The bytes depend on the chunk's content alone.
 *
 *   byte   version, 1
 *   t      sample type                      s   day            u   number of samples, n
 *   u      number of sources, then for each:  t key   t name   byte device (0 watch, 1 phone, 2 other)
 *          byte 1 and t model, or byte 0
 *   u      number of uploads, then for each:  t id
 *   u      number of upload sets, then for each:  u size, u first index, then u difference to the index before
 *   byte   unit of the times: 0 none, 1 millisecond, 2 second, 3 minute
 *          with a unit, n pairs of  u start (difference to the start before; the first, to the day's), u duration
 *          without (some time is a fraction of a millisecond), n pairs of  f start, f end
 *   byte   form of the values: 0 to 9, their number of decimals; 255, floats
 *          decimals: s smallest value, then n times u difference to it, both times 10^decimals;  floats: n times f
 *   three columns as runs of equal numbers until n are told, each run  u length, then
 *          s offset minutes;   u source;   u upload set
 *   4 bytes  CRC-32 of all bytes before
 *
 * A minute of steps takes about three bytes.
 */
const VERSION = 1;

const DEVICES = ['watch', 'phone', 'other'] as const satisfies readonly SampleSource['device'][];

/** Index: the unit's byte. */
const TIME_UNITS_MS = [NaN, 1, 1000, MS_PER_MINUTE];

const MOST_DECIMALS = 9;
const FLOATS = 255;
/** Scaled values stay below, so that their differences are exact. */
const LARGEST_SCALED = 2 ** 51;

/** The bytes are no chunk: cut off, altered, or of a version that this program does not know. */
export interface ChunkCorrupt {
  readonly kind: 'chunk-corrupt';
  readonly reason: string;
}

/** The chunk as bytes. */
export function encodeChunk(chunk: SampleChunk): Uint8Array<ArrayBuffer> {
  const { columns } = chunk;
  const count = columns.startMs.length;
  const out = new ByteWriter(256 + 8 * count);
  out.byte(VERSION);
  out.text(columns.type);
  out.signed(chunk.day);
  out.unsigned(count);
  out.unsigned(columns.sources.length);
  for (const source of columns.sources) writeSource(out, source);
  out.unsigned(chunk.uploads.length);
  for (const upload of chunk.uploads) out.text(upload);
  out.unsigned(chunk.uploadSets.length);
  for (const set of chunk.uploadSets) {
    out.unsigned(set.length);
    set.forEach((index, i) => out.unsigned(i === 0 ? index : index - set[i - 1]!));
  }
  writeTimes(out, chunk);
  writeValues(out, columns.value);
  writeRuns(columns.offsetMinutes, (length, offset) => {
    out.unsigned(length);
    out.signed(offset);
  });
  for (const column of [columns.source, chunk.uploadSet]) {
    writeRuns(column, (length, index) => {
      out.unsigned(length);
      out.unsigned(index);
    });
  }
  out.uint32(crc32(out.written()));
  return out.written().slice();
}

/** The chunk that was encoded, exactly, or why the bytes are none. Never throws, whatever the bytes. */
export function decodeChunk(bytes: Uint8Array): Result<SampleChunk, ChunkCorrupt> {
  const corrupt = (reason: string) => err({ kind: 'chunk-corrupt', reason } as const);
  if (bytes.length < 5) return corrupt('too few bytes');
  if (bytes[0] !== VERSION) return corrupt(`version ${bytes[0]!} is not known`);
  const body = bytes.subarray(0, bytes.length - 4);
  const told = new DataView(bytes.buffer, bytes.byteOffset + body.length, 4).getUint32(0, true);
  if (told !== crc32(body)) return corrupt('the checksum is not that of the content');
  const input = new ByteReader(body);
  const chunk = readChunk(input);
  if (input.fault !== null) return corrupt(input.fault);
  if (input.remaining > 0) return corrupt(`${input.remaining} bytes too many`);
  const fault = chunkFault(chunk);
  return fault === null ? ok(chunk) : corrupt(fault);
}

function readChunk(input: ByteReader): SampleChunk {
  input.byte();
  const type = readType(input);
  const day = input.signed();
  // A time takes two bytes at least: no number of samples makes us reserve more memory than a few times the input.
  const count = readCount(input, 2);
  const sources = Array.from({ length: readCount(input, 4) }, () => readSource(input));
  const uploads = Array.from({ length: readCount(input, 1) }, (): ProcessingId => processingId(input.text()));
  const uploadSets = Array.from({ length: readCount(input, 2) }, () => readSet(input));
  const times = readTimes(input, day, count);
  const value = readValues(input, count);
  const offsetMinutes = new Int16Array(count);
  readRuns(input, offsetMinutes, () => input.signed());
  const source = new Uint16Array(count);
  readRuns(input, source, () => input.unsigned());
  const uploadSet = new Uint32Array(count);
  readRuns(input, uploadSet, () => input.unsigned());
  return { day, columns: { type, ...times, value, offsetMinutes, source, sources }, uploads, uploadSets, uploadSet };
}

/** A number of things that take at least so many bytes each. */
function readCount(input: ByteReader, leastBytes: number): number {
  const count = input.unsigned();
  return count * leastBytes <= input.remaining ? count : input.fail('a count is larger than the bytes left');
}

function readType(input: ByteReader): SampleType {
  const type = input.text();
  if (!Object.hasOwn(SAMPLE_TYPES, type)) input.fail('unknown sample type');
  return type as SampleType;
}

function writeSource(out: ByteWriter, source: SampleSource): void {
  out.text(source.key);
  out.text(source.name);
  out.byte(DEVICES.indexOf(source.device));
  out.byte(source.model === null ? 0 : 1);
  if (source.model !== null) out.text(source.model);
}

function readSource(input: ByteReader): SampleSource {
  const key = input.text();
  const name = input.text();
  const device = DEVICES[input.byte()];
  if (device === undefined) input.fail('unknown kind of device');
  const hasModel = input.byte();
  if (hasModel > 1) input.fail('neither a model nor none');
  return { key, name, device: device ?? 'other', model: hasModel === 1 ? input.text() : null };
}

function readSet(input: ByteReader): readonly number[] {
  const set: number[] = [];
  const size = readCount(input, 1);
  for (let i = 0; i < size; i++) set.push((set[i - 1] ?? 0) + input.unsigned());
  return set;
}

function writeTimes(out: ByteWriter, { day, columns: { startMs, endMs } }: SampleChunk): void {
  const unit = timeUnit(startMs, endMs);
  out.byte(unit);
  let beforeMs = day * MS_PER_DAY;
  for (let i = 0; i < startMs.length; i++) {
    const start = startMs[i]!;
    const end = endMs[i]!;
    if (unit === 0) {
      out.float64(start);
      out.float64(end);
    } else {
      out.unsigned((start - beforeMs) / TIME_UNITS_MS[unit]!);
      out.unsigned((end - start) / TIME_UNITS_MS[unit]!);
    }
    beforeMs = start;
  }
}

/** The byte of the longest unit that all times are whole numbers of; they are instants of a date, thus exact numbers. */
function timeUnit(startMs: Float64Array, endMs: Float64Array): number {
  let unit = TIME_UNITS_MS.length - 1;
  for (let i = 0; i < startMs.length; i++) {
    while (unit > 0 && (startMs[i]! % TIME_UNITS_MS[unit]! !== 0 || endMs[i]! % TIME_UNITS_MS[unit]! !== 0)) unit--;
  }
  return unit;
}

function readTimes(input: ByteReader, day: number, count: number): { startMs: Float64Array; endMs: Float64Array } {
  const startMs = new Float64Array(count);
  const endMs = new Float64Array(count);
  const unit = input.byte();
  const unitMs = TIME_UNITS_MS[unit];
  if (unitMs === undefined) input.fail('unknown unit of time');
  let beforeMs = day * MS_PER_DAY;
  for (let i = 0; i < count; i++) {
    startMs[i] = unit === 0 ? input.float64() : beforeMs + input.unsigned() * unitMs!;
    endMs[i] = unit === 0 ? input.float64() : startMs[i]! + input.unsigned() * unitMs!;
    beforeMs = startMs[i]!;
  }
  return { startMs, endMs };
}

function writeValues(out: ByteWriter, value: Float64Array): void {
  const decimals = decimalsOf(value);
  out.byte(decimals ?? FLOATS);
  if (decimals === null) {
    for (const v of value) out.float64(v);
    return;
  }
  const scale = 10 ** decimals;
  const scaled = value.map((v) => Math.round(v * scale));
  const smallest = scaled.reduce((a, b) => Math.min(a, b), Infinity);
  out.signed(smallest);
  for (const v of scaled) out.unsigned(v - smallest);
}

/** How many decimals tell every value exactly, or null when there are too many. */
function decimalsOf(value: Float64Array): number | null {
  let decimals = 0;
  let scale = 1;
  for (const v of value) {
    // The quotient of two exact numbers is the double nearest to the decimal fraction: equal means nothing is lost.
    while (Math.round(v * scale) / scale !== v) {
      if (++decimals > MOST_DECIMALS) return null;
      scale = 10 ** decimals;
    }
  }
  return value.every((v) => Math.abs(v * scale) < LARGEST_SCALED) ? decimals : null;
}

function readValues(input: ByteReader, count: number): Float64Array {
  const value = new Float64Array(count);
  const decimals = input.byte();
  if (decimals === FLOATS) {
    for (let i = 0; i < count; i++) value[i] = input.float64();
    return value;
  }
  if (decimals > MOST_DECIMALS) input.fail('unknown form of values');
  const scale = 10 ** decimals;
  const smallest = input.signed();
  for (let i = 0; i < count; i++) value[i] = (smallest + input.unsigned()) / scale;
  return value;
}

function writeRuns(column: Int16Array | Uint16Array | Uint32Array, run: (length: number, value: number) => void): void {
  let from = 0;
  for (let i = 1; i <= column.length; i++) {
    if (i < column.length && column[i] === column[from]) continue;
    run(i - from, column[from]!);
    from = i;
  }
}

function readRuns(input: ByteReader, column: Int16Array | Uint16Array | Uint32Array, read: () => number): void {
  let at = 0;
  while (at < column.length && input.fault === null) {
    const length = input.unsigned();
    const value = read();
    if (length === 0 || length > column.length - at) input.fail('a run has the wrong length');
    column[at] = value;
    // A column cuts off what does not fit its type.
    if (column[at] !== value) input.fail('a number does not fit its column');
    column.fill(value, at, at + length);
    at += length;
  }
}
