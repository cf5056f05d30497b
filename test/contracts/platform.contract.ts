import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../core/kernel/clock.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Ids } from '../../core/kernel/ids.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What every `Clock` does. */
export function clockContract(name: string, clock: Clock): void {
  const contract = suite(`Clock: ${name}`);
  contract('tells whole milliseconds since 1970, this century', () => {
    const now = clock.now();
    assert.ok(Number.isInteger(now));
    assert.ok(now > Date.UTC(2000, 0, 1) && now < Date.UTC(2100, 0, 1));
  });
  contract('does not go back from one reading to the next', () => {
    let last = clock.now();
    for (let i = 0; i < 1000; i++) {
      const now = clock.now();
      assert.ok(now >= last);
      last = now;
    }
  });
  contract.run();
}

/** What every `Ids` does. */
export function idsContract(name: string, ids: Ids): void {
  const contract = suite(`Ids: ${name}`);
  contract('makes RFC 9562 UUIDs in lower case, each once', () => {
    const made = Array.from({ length: 10_000 }, () => ids.uuid());
    for (const id of made) assert.match(id, UUID);
    assert.is(new Set(made).size, made.length);
  });
  contract.run();
}

/** What every `Digest` does; the vectors are those of FIPS 180-2. */
export function digestContract(name: string, digest: Digest): void {
  const contract = suite(`Digest: ${name}`);
  contract('agrees with the published vectors', () => {
    assert.is(digest.sha256Hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.is(digest.sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.is(
      digest.sha256Hex(new Uint8Array(1_000_000).fill(0x61)),
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    );
  });
  contract('a text is its UTF-8 bytes, and a view is only what it shows', () => {
    const bytes = new TextEncoder().encode('xé’日x');
    assert.is(digest.sha256Hex('é’日'), digest.sha256Hex(bytes.subarray(1, bytes.length - 1)));
  });
  contract.run();
}
