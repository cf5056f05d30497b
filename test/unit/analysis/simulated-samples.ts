import { normaliseSample } from '../../../core/apple-health/sample-normaliser.ts';
import { SampleColumnsBuilder } from '../../../core/health-data/sample-builder.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { formatLocal } from '../../../core/kernel/local-time.ts';
import type { SimulatedRecording } from '../../../core/simulation/simulate-person.ts';

/** The records of a simulated person as samples, by the rules that an export is read with. */
export function samplesOf(recording: SimulatedRecording): readonly SampleColumns[] {
  const builder = new SampleColumnsBuilder();
  for (const record of recording.records()) {
    const { sourceName, name, model, hardware } = record.device;
    normaliseSample(
      {
        identifier: record.type,
        value: record.value,
        unit: record.unit,
        startDate: formatLocal(recording.zone, record.startMs),
        endDate: formatLocal(recording.zone, record.endMs),
        sourceName,
        device: { name, manufacturer: 'Apple Inc.', model, hardware },
      },
      { writtenAtMs: null, zone: null },
    ).match(
      (sample) => {
        builder.add(sample.type, sample.startMs, sample.endMs, sample.value, sample.offsetMinutes, sample.source);
      },
      ({ message }) => {
        throw new Error(`a simulated record was refused: ${message}`);
      },
    );
  }
  return builder.take();
}
