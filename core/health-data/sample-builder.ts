import type { EpochMs } from '../kernel/clock.ts';
import type { SampleType } from './sample-types.ts';
import type { SampleColumns, SampleSource } from './samples.ts';

const FIRST_CAPACITY = 1024;
/** `SampleColumns.source` is 16 bits wide. */
const MAX_SOURCES = 65_536;

/** Collects samples one by one into columns that grow as needed and are reused from one `take` to the next. */
export class SampleColumnsBuilder {
  readonly #growing = new Map<SampleType, GrowingColumns>();
  #full: SampleColumns[] = [];
  #last: GrowingColumns | null = null;
  #size = 0;

  /** Samples added since the last `take`. */
  get size(): number {
    return this.#size;
  }

  /** Adds one sample; see `SampleColumns` for what the numbers mean. Sources with the same key are one source. */
  add(
    type: SampleType,
    startMs: EpochMs,
    endMs: EpochMs,
    value: number,
    offsetMinutes: number,
    source: SampleSource,
  ): void {
    const columns = this.#last?.type === type ? this.#last : this.#columnsOf(type);
    let sourceIndex = columns.indexOf(source);
    if (sourceIndex === MAX_SOURCES) {
      this.#full.push(columns.take());
      sourceIndex = columns.indexOf(source);
    }
    columns.push(startMs, endMs, value, offsetMinutes, sourceIndex);
    this.#size += 1;
  }

  /**
   * Everything added since the last call, in the order it was added, in batches of one type each (one batch a type,
   * more where a type has over 65 536 sources). The builder is empty afterwards.
   */
  take(): SampleColumns[] {
    const batches = this.#full;
    this.#full = [];
    for (const columns of this.#growing.values()) if (columns.length > 0) batches.push(columns.take());
    this.#size = 0;
    return batches;
  }

  #columnsOf(type: SampleType): GrowingColumns {
    let columns = this.#growing.get(type);
    if (columns === undefined) {
      columns = new GrowingColumns(type);
      this.#growing.set(type, columns);
    }
    this.#last = columns;
    return columns;
  }
}

/** The columns of one type while they fill. */
class GrowingColumns {
  readonly type: SampleType;
  length = 0;
  #startMs = new Float64Array(FIRST_CAPACITY);
  #endMs = new Float64Array(FIRST_CAPACITY);
  #value = new Float64Array(FIRST_CAPACITY);
  #offsetMinutes = new Int16Array(FIRST_CAPACITY);
  #source = new Uint16Array(FIRST_CAPACITY);
  #sources: SampleSource[] = [];
  #indexByKey = new Map<string, number>();
  #lastSource: SampleSource | null = null;
  #lastIndex = 0;

  constructor(type: SampleType) {
    this.type = type;
  }

  /** The source's place in `sources`, adding it if new; `MAX_SOURCES` when it is new and there is no place left. */
  indexOf(source: SampleSource): number {
    if (source === this.#lastSource) return this.#lastIndex;
    let index = this.#indexByKey.get(source.key);
    if (index === undefined) {
      if (this.#sources.length === MAX_SOURCES) return MAX_SOURCES;
      index = this.#sources.length;
      this.#sources.push(source);
      this.#indexByKey.set(source.key, index);
    }
    this.#lastSource = source;
    this.#lastIndex = index;
    return index;
  }

  push(startMs: EpochMs, endMs: EpochMs, value: number, offsetMinutes: number, sourceIndex: number): void {
    const at = this.length;
    if (at === this.#startMs.length) this.#grow();
    this.#startMs[at] = startMs;
    this.#endMs[at] = endMs;
    this.#value[at] = value;
    this.#offsetMinutes[at] = offsetMinutes;
    this.#source[at] = sourceIndex;
    this.length = at + 1;
  }

  /** Copies of the filled parts; the buffers stay for what comes next. */
  take(): SampleColumns {
    const { type, length } = this;
    const columns = {
      type,
      startMs: this.#startMs.slice(0, length),
      endMs: this.#endMs.slice(0, length),
      value: this.#value.slice(0, length),
      offsetMinutes: this.#offsetMinutes.slice(0, length),
      source: this.#source.slice(0, length),
      sources: this.#sources,
    };
    this.length = 0;
    this.#sources = [];
    this.#indexByKey = new Map();
    this.#lastSource = null;
    return columns;
  }

  #grow(): void {
    const capacity = this.#startMs.length * 2;
    this.#startMs = extended(this.#startMs, new Float64Array(capacity));
    this.#endMs = extended(this.#endMs, new Float64Array(capacity));
    this.#value = extended(this.#value, new Float64Array(capacity));
    this.#offsetMinutes = extended(this.#offsetMinutes, new Int16Array(capacity));
    this.#source = extended(this.#source, new Uint16Array(capacity));
  }
}

function extended<Column extends Float64Array | Int16Array | Uint16Array>(filled: Column, larger: Column): Column {
  larger.set(filled);
  return larger;
}
