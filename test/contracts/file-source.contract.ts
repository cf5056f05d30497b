import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileSource } from '../../core/pat/ports.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** A source, and a way to put a file where it looks; `put` answers with the file's location. */
export interface SourceUnderTest {
  readonly source: FileSource;
  readonly put: (name: string, content: Uint8Array) => Promise<string>;
  /** A location at which there is nothing. */
  readonly absent: string;
  readonly close: () => Promise<void>;
}

/** What every `FileSource` does. */
export function fileSourceContract(name: string, make: () => Promise<SourceUnderTest>): void {
  const contract = suite(`FileSource: ${name}`);
  let under: SourceUnderTest;
  contract.before.each(async () => {
    under = await make();
  });
  contract.after.each(() => under.close());

  contract('gives a file’s bytes under its own name', async () => {
    const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const file = valueOf(await under.source.fetch(await under.put('PAT-S_29k_weights.h5', content), 5000));
    assert.is(file.name, 'PAT-S_29k_weights.h5');
    assert.ok(Buffer.from(file.bytes).equals(Buffer.from(content)));
  });

  contract('a file that is longer than the limit is refused with the limit', async () => {
    const refused = errorOf(await under.source.fetch(await under.put('long.h5', new Uint8Array(101)), 100));
    assert.is(refused.kind, 'file-not-fetched');
    assert.match(refused.reason, '100');
  });

  contract('a file that is not there is refused with its location and a sentence', async () => {
    const refused = errorOf(await under.source.fetch(under.absent, 100));
    assert.is(refused.location, under.absent);
    assert.ok(refused.reason.length > 8 && !refused.reason.includes('\n'));
  });

  contract.run();
}
