import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryObjectStore } from '../../adapters/memory/object-store.ts';
import { nodeCipher } from '../../adapters/node/cipher.ts';
import { nodeStreamDigest } from '../../adapters/node/stream-digest.ts';
import { EncryptedObjectStore } from '../../core/encryption/encrypted-object-store.ts';
import type { DataKey, SealedPlace } from '../../core/encryption/model.ts';
import { layoutOf, SEGMENT_BYTES } from '../../core/encryption/object-layout.ts';
import { userId } from '../../core/kernel/ids.ts';
import { AWKWARD_IDS } from '../contracts/awkward-ids.ts';
import { memoryEncryption } from '../unit/encryption/memory-encryption.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

const test = suite('what is sealed');

const ADA = userId('ada');
const BEN = userId('ben');

const keyOf = (secret: Uint8Array): DataKey => ({ keyId: nodeCipher.keyId(secret), secret });
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(keyOf);
const anyPlace: fc.Arbitrary<SealedPlace> = fc.record({
  owner: fc.constantFrom(...AWKWARD_IDS).map(userId),
  purpose: fc.constantFrom('webhook.url', 'webhook.secret', 'account.email'),
  record: fc.string({ unit: 'binary', maxLength: 12 }),
});
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', '\ud800', '\ue0c1\ue0a2\ue0f4\ue09bx'),
);

async function* inParts(bytes: Uint8Array, partBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += partBytes) yield await Promise.resolve(bytes.slice(at, at + partBytes));
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

test('a text comes back as it was, and is never in what is stored', () => {
  fc.assert(
    fc.property(anyKey, anyPlace, anyText, (key, place, text) => {
      const sealed = nodeCipher.sealText(key, place, text);
      assert.equal(valueOf(nodeCipher.textHead(sealed)), { kind: 'sealed', keyId: key.keyId });
      assert.is(valueOf(nodeCipher.openText(key, place, sealed)), text);
      assert.is.not(nodeCipher.sealText(key, place, text), sealed);
      if (text.length > 8) assert.not.ok(sealed.includes(text));
    }),
  );
});

test('a text opens in its own place and under its own key only', () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyPlace, anyPlace, anyText, (key, otherKey, place, otherPlace, text) => {
      const sealed = nodeCipher.sealText(key, place, text);
      if (key.keyId !== otherKey.keyId) assert.ok(nodeCipher.openText(otherKey, place, sealed).isErr());
      if (JSON.stringify(place) !== JSON.stringify(otherPlace)) {
        assert.ok(nodeCipher.openText(key, otherPlace, sealed).isErr());
      }
    }),
  );
});

test('every single bit of a text that is flipped is found, and every cut', () => {
  fc.assert(
    fc.property(anyKey, anyPlace, fc.string({ unit: 'binary', maxLength: 6 }), (key, place, text) => {
      const sealed = nodeCipher.sealText(key, place, text);
      const isFound = (changed: string): boolean => {
        const head = nodeCipher.textHead(changed);
        if (head.isErr()) return true;
        return head.value.kind === 'sealed' && nodeCipher.openText(key, place, changed).isErr();
      };
      for (let i = 0; i < sealed.length; i++) {
        for (let bit = 0; bit < 16; bit++) {
          const flipped = String.fromCharCode(sealed.charCodeAt(i) ^ (1 << bit));
          assert.ok(isFound(sealed.slice(0, i) + flipped + sealed.slice(i + 1)), `bit ${bit} of character ${i}`);
        }
        if (i > 0) assert.ok(isFound(sealed.slice(0, i)), `cut after ${i}`);
      }
      assert.ok(isFound(`${sealed}A`));
      assert.ok(isFound(`${sealed}=`));
    }),
    { numRuns: 5 },
  );
});

test('what people write in plain form is taken as it is', () => {
  const written = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(written, (text) => {
      assert.equal(valueOf(nodeCipher.textHead(text)), { kind: 'plain' });
    }),
  );
  for (const beginning of ['{"a":1}', 'PK\u0003\u0004', '<?xml version="1.0"?>', '\ufeff<HealthData', '[', '\u8d27']) {
    assert.equal(valueOf(nodeCipher.objectHead(Buffer.from(beginning))), { kind: 'plain' });
  }
});

test('an index tells equal from different texts, for one key and purpose', () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyText, anyText, (key, other, a, b) => {
      const index = nodeCipher.blindIndex(key, 'email', a);
      assert.match(index, /^[0-9a-f]{64}$/);
      assert.is(nodeCipher.blindIndex(key, 'email', b) === index, a === b);
      assert.is.not(nodeCipher.blindIndex(key, 'name', a), index);
      if (key.keyId !== other.keyId) assert.is.not(nodeCipher.blindIndex(other, 'email', a), index);
    }),
  );
});

const SIZES = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES, 150_000];

async function storedObject(sizeBytes: number) {
  const plain = Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 131 + (i >> 8)) % 256);
  const inner = new MemoryObjectStore();
  const encryption = memoryEncryption();
  const store = new EncryptedObjectStore(inner, encryption, nodeStreamDigest);
  valueOf(await store.put(ADA, 'key', inParts(plain, 10_007), sizeBytes));
  const sealed = await collected(valueOf(await inner.open(ADA, 'key')).stream());
  const replace = async (bytes: Uint8Array, owner = ADA, key = 'key'): Promise<void> => {
    valueOf(await inner.put(owner, key, inParts(bytes, 1_000_000), Number.MAX_SAFE_INTEGER));
  };
  return { plain, inner, store, sealed, replace };
}

/** Whether reading ends in an error that says so, at the opening or later, and no byte that was read before is wrong. */
async function isRefused(store: EncryptedObjectStore, plain: Uint8Array, owner = ADA, key = 'key'): Promise<boolean> {
  const opened = await store.open(owner, key);
  if (opened.isErr()) {
    const { error } = opened;
    return error.kind === 'port-unavailable' && !error.retryable;
  }
  let at = 0;
  try {
    for await (const part of opened.value.stream()) {
      assert.equal(Buffer.compare(part, plain.subarray(at, at + part.length)), 0, 'nothing wrong is ever read');
      at += part.length;
    }
  } catch (cause) {
    return String(cause).includes('damaged');
  }
  return false;
}

test('objects of all sizes come back, also in ranges, and are laid out as their size says', async () => {
  for (const sizeBytes of SIZES) {
    const { plain, store, sealed } = await storedObject(sizeBytes);
    const layout = layoutOf(sealed.length, nodeCipher.headerBytes);
    assert.equal(
      [layout?.plainBytes, layout?.segments],
      [sizeBytes, Math.max(1, Math.ceil(sizeBytes / SEGMENT_BYTES))],
    );
    const source = valueOf(await store.open(ADA, 'key'));
    assert.is(source.sizeBytes, sizeBytes);
    assert.is(Buffer.compare(await collected(source.stream()), plain), 0);
    const edges = SIZES.filter((edge) => edge <= sizeBytes);
    for (const start of edges) {
      for (const end of edges.filter((edge) => edge >= start)) {
        assert.is(Buffer.compare(await collected(source.stream({ start, end })), plain.subarray(start, end)), 0);
      }
    }
  }
});

test('any bit of an object that is flipped is found before a wrong byte is read', async () => {
  for (const sizeBytes of [0, 5, 2 * SEGMENT_BYTES + 9]) {
    const { plain, store, sealed, replace } = await storedObject(sizeBytes);
    const flipped = async (bit: number): Promise<void> => {
      const bytes = Uint8Array.from(sealed);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await replace(bytes);
      assert.ok(await isRefused(store, plain), `bit ${bit} of ${sizeBytes} bytes`);
    };
    // Every bit of the header, and some of the rest.
    for (let bit = 0; bit < nodeCipher.headerBytes * 8; bit++) await flipped(bit);
    await fc.assert(fc.asyncProperty(fc.nat(sealed.length * 8 - 1), flipped), { numRuns: 60 });
  }
});

test('an object that was cut short anywhere is refused when it is opened', async () => {
  const { plain, store, sealed, replace } = await storedObject(2 * SEGMENT_BYTES + 9);
  const cuts = [0, 1, 15, 16, 23, nodeCipher.headerBytes, nodeCipher.headerBytes + 16, sealed.length - 1];
  const ends = [0, 1, 2].map((index) => layoutOf(sealed.length, nodeCipher.headerBytes)!.placeOf(index).start);
  const cut = async (length: number): Promise<void> => {
    await replace(sealed.subarray(0, length));
    assert.ok((await store.open(ADA, 'key')).isErr(), `cut to ${length}`);
    assert.ok(await isRefused(store, plain));
  };
  for (const length of [...cuts, ...ends]) await cut(length);
  await fc.assert(fc.asyncProperty(fc.nat(sealed.length - 1), cut), { numRuns: 40 });
});

test('segments that changed places, came twice, or came from another object are found', async () => {
  const { plain, inner, store, sealed, replace } = await storedObject(3 * SEGMENT_BYTES);
  valueOf(await store.put(ADA, 'other', inParts(plain, 50_000), plain.length));
  const other = await collected(valueOf(await inner.open(ADA, 'other')).stream());
  const { placeOf } = layoutOf(sealed.length, nodeCipher.headerBytes)!;
  const part = (bytes: Uint8Array, index: number): Uint8Array =>
    bytes.subarray(placeOf(index).start, placeOf(index).end);
  const header = sealed.subarray(0, nodeCipher.headerBytes);
  for (const parts of [
    [part(sealed, 1), part(sealed, 0), part(sealed, 2)],
    [part(sealed, 0), part(sealed, 0), part(sealed, 2)],
    [part(sealed, 0), part(sealed, 2)],
    [part(sealed, 0), part(other, 1), part(sealed, 2)],
    [part(sealed, 0), part(sealed, 1), part(other, 2)],
    [part(sealed, 0), part(sealed, 1), part(sealed, 2), part(sealed, 2)],
  ]) {
    await replace(Buffer.concat([header, ...parts]));
    assert.ok(await isRefused(store, plain));
  }
  await replace(Buffer.concat([other.subarray(0, nodeCipher.headerBytes), sealed.subarray(nodeCipher.headerBytes)]));
  assert.ok(await isRefused(store, plain), "another object's header");
});

test("an object in another's place, or under another key, is refused", async () => {
  const { plain, store, sealed, replace } = await storedObject(100);
  await replace(sealed, ADA, 'another');
  assert.ok(await isRefused(store, plain, ADA, 'another'));
  await replace(sealed, BEN);
  assert.ok(await isRefused(store, plain, BEN), 'Ben has no key');
  valueOf(await store.put(BEN, 'his', inParts(plain, 10), 100));
  await replace(sealed, BEN);
  assert.ok(await isRefused(store, plain, BEN), 'Ben has another key');
});

test('an object that an older version stored in plain form is read as it is', async () => {
  const { store, replace } = await storedObject(0);
  for (const text of ['{"metrics":[]}', 'PK\u0003\u0004', '<']) {
    await replace(Buffer.from(text), ADA, 'old');
    const source = valueOf(await store.open(ADA, 'old'));
    assert.is(source.sizeBytes, text.length);
    assert.is(Buffer.from(await collected(source.stream())).toString(), text);
  }
});

test('nothing that was sealed opens after its key was erased, whoever kept a copy', async () => {
  const inner = new MemoryObjectStore();
  const encryption = memoryEncryption();
  const store = new EncryptedObjectStore(inner, encryption, nodeStreamDigest);
  const elsewhere = new EncryptedObjectStore(inner, encryption.another(), nodeStreamDigest);
  valueOf(await store.put(ADA, 'a', inParts(Buffer.from('secret'), 3), 10));
  const backup = await collected(valueOf(await inner.open(ADA, 'a')).stream());
  valueOf(await elsewhere.open(ADA, 'a'));
  valueOf(await encryption.keys.eraseOwner(ADA));
  valueOf(await inner.put(ADA, 'a', inParts(backup, 100), 1000));
  assert.is(errorOf(await store.open(ADA, 'a')).kind, 'port-unavailable');
  // Another process may remember the key for a minute.
  encryption.clock.nowMs += 60_000;
  for (const each of [store, elsewhere]) {
    const error = errorOf(await each.open(ADA, 'a'));
    assert.is(error.kind === 'port-unavailable' && error.cause, 'the key of these data was erased');
  }
  // A new key of the same person does not open it either.
  valueOf(await store.put(ADA, 'b', inParts(Buffer.from('new'), 3), 10));
  assert.is(errorOf(await store.open(ADA, 'a')).kind, 'port-unavailable');
  assert.is(Buffer.from(await collected(valueOf(await store.open(ADA, 'b')).stream())).toString(), 'new');
});

test.run();
