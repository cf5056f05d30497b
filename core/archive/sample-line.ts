import type { Result } from 'neverthrow';
import { SAMPLE_TYPES, type SampleType } from '../health-data/sample-types.ts';
import { UNKNOWN_OFFSET, type SampleSource } from '../health-data/samples.ts';
import type { SingleSample } from '../health-data/single-samples.ts';
import { processingId } from '../kernel/ids.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields, readInstant } from './instants.ts';

const TYPE_NAMES = Object.keys(SAMPLE_TYPES) as readonly SampleType[];
const DEVICES = ['watch', 'phone', 'other'] as const satisfies readonly SampleSource['device'][];
const MOST_UPLOADS = 100_000;
const LONGEST_NAME = 10_000;
/** All that a column of offsets can hold besides `UNKNOWN_OFFSET`. */
const MOST_OFFSET = 32_767;

/** A sample as a line of `samples/<type>.ndjson`. */
export function sampleLine({ type, startMs, endMs, value, offsetMinutes, source, uploads }: SingleSample): object {
  const offset = offsetMinutes === UNKNOWN_OFFSET ? null : offsetMinutes;
  return {
    type,
    ...instantFields('start', startMs, offset),
    ...instantFields('end', endMs, offset),
    value,
    unit: SAMPLE_TYPES[type].unit,
    source: source.name,
    source_key: source.key,
    device: source.device,
    model: source.model,
    offset_minutes: offset,
    uploads,
  };
}

/** The sample of a line, or what is wrong with it. */
export function sampleOfLine(value: unknown): Result<SingleSample, string> {
  const fields = new FieldReader(value);
  const type = fields.oneOf('type', TYPE_NAMES);
  const sample: SingleSample = {
    type,
    startMs: readInstant(fields, 'start'),
    endMs: readInstant(fields, 'end'),
    value: fields.number('value'),
    offsetMinutes:
      fields.value('offset_minutes') === null
        ? UNKNOWN_OFFSET
        : fields.integer('offset_minutes', -MOST_OFFSET, MOST_OFFSET),
    source: {
      key: fields.text('source_key', { least: 0, most: LONGEST_NAME }),
      name: fields.text('source', { least: 0, most: LONGEST_NAME }),
      device: fields.oneOf('device', DEVICES),
      model: fields.textOrNull('model'),
    },
    uploads: fields.ids('uploads', MOST_UPLOADS).map(processingId),
  };
  if (fields.value('unit') !== SAMPLE_TYPES[type].unit) fields.refuse('unit is not that of the type');
  if (sample.endMs < sample.startMs) fields.refuse('end is before start');
  if (sample.uploads.length === 0) fields.refuse('uploads names none');
  return fields.result(sample);
}
