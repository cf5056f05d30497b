import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ByteSource, ExportReader } from '../../core/health-data/ports.ts';
import type { SampleColumns } from '../../core/health-data/samples.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** A reader and one file of the vendor's that it can read, with some records it cannot use. */
export interface ExportUnderTest {
  readonly reader: ExportReader;
  readonly file: ByteSource;
}

const byteSource = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.length,
  async *stream({ start, end } = { start: 0, end: bytes.length }) {
    yield await Promise.resolve(bytes.slice(start, end));
  },
});

/** What every `ExportReader` does. */
export function exportReaderContract(name: string, make: () => Promise<ExportUnderTest>): void {
  const contract = suite(`ExportReader: ${name}`);

  contract('hands on every usable sample once, in sound columns, and counts it', async () => {
    const { reader, file } = await make();
    const counted: Record<string, number> = {};
    const batches: SampleColumns[] = [];
    const summary = valueOf(
      await reader.read(file, (handed) => {
        batches.push(...handed);
        return okAsync(undefined);
      }),
    );
    for (const { type, startMs, endMs, value, offsetMinutes, source, sources } of batches) {
      counted[type] = (counted[type] ?? 0) + startMs.length;
      for (const column of [endMs, value, offsetMinutes, source]) assert.is(column.length, startMs.length);
      for (let i = 0; i < startMs.length; i++) {
        assert.ok(endMs[i]! >= startMs[i]! && Number.isFinite(value[i]!) && sources[source[i]!] !== undefined);
      }
    }
    assert.equal({ ...summary.samples }, counted);
    const usable = Object.values(counted).reduce((sum, count) => sum + count, 0);
    assert.ok(usable > 0 && summary.recordsSeen > usable, 'the file holds usable and unusable records');
    assert.ok(summary.notices.every(({ count }) => count > 0));
  });

  contract('tells its progress from the beginning to the end, never backwards', async () => {
    const { reader, file } = await make();
    let last = 0;
    valueOf(
      await reader.read(file, (_, { bytesRead, bytesTotal }) => {
        assert.ok(bytesRead >= last && bytesRead <= bytesTotal);
        last = bytesRead;
        return okAsync(undefined);
      }),
    );
    assert.ok(last > 0);
  });

  contract('stops with the error of a sink that cannot take a batch', async () => {
    const { reader, file } = await make();
    const full = portUnavailable('SampleStore', 'append', 'the disk is full');
    assert.equal(errorOf(await reader.read(file, () => errAsync(full))), full);
  });

  contract('refuses what is no export, with the place', async () => {
    const { reader } = await make();
    const none = new Uint8Array(0);
    const text = new TextEncoder().encode('timestamp,count\n2025-01-06 00:00:00,3\n');
    for (const bytes of [none, text]) {
      const error = errorOf(await reader.read(byteSource(bytes), () => okAsync(undefined)));
      assert.is(error.kind, 'export-unreadable');
      assert.ok(error.kind === 'export-unreadable' && error.place.length > 0 && error.message.length > 0);
    }
  });

  contract.run();
}
