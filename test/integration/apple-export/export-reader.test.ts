import { AppleExportReader } from '../../../adapters/apple-export/export-reader.ts';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { exportReaderContract } from '../../contracts/export-reader.contract.ts';

const record = (type: string, minute: number, value: string, unit: string): string =>
  `<Record type="${type}" sourceName="Watch" unit="${unit}" startDate="2025-01-06 08:${String(minute).padStart(2, '0')}:00 +0100" endDate="2025-01-06 08:${String(minute).padStart(2, '0')}:30 +0100" value="${value}"/>`;

const minutes = Array.from({ length: 50 }, (_, minute) => minute);
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [<!ELEMENT HealthData (Record*)>]>
<HealthData locale="en_US">
${minutes.map((minute) => record('HKQuantityTypeIdentifierHeartRate', minute, '61', 'count/min')).join('\n')}
${minutes.map((minute) => record('HKQuantityTypeIdentifierStepCount', minute, '12', 'count')).join('\n')}
${record('HKQuantityTypeIdentifierDietaryWater', 1, '200', 'mL')}
${record('HKQuantityTypeIdentifierHeartRate', 2, '-1', 'count/min')}
</HealthData>
`;

exportReaderContract('Apple Health', async () => {
  const bytes = new TextEncoder().encode(XML);
  const file: ByteSource = {
    sizeBytes: bytes.length,
    async *stream({ start, end } = { start: 0, end: bytes.length }) {
      for (let at = start; at < end; at += 1000) yield await Promise.resolve(bytes.slice(at, Math.min(end, at + 1000)));
    },
  };
  return { reader: new AppleExportReader({ samplesPerBatch: 20 }), file };
});
