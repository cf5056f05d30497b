import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { ByteSource, ObjectStore } from '../../core/health-data/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* inParts(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(typeof part === 'string' ? bytesOf(part) : part);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const textOf = async (source: ByteSource, range?: { start: number; end: number }): Promise<string> =>
  new TextDecoder().decode(await collect(source.stream(range)));

const put = async (store: ObjectStore, key: string, text: string, owner = ADA) =>
  valueOf(await store.put(owner, key, inParts(text), NO_LIMIT));

const textAt = async (store: ObjectStore, key: string, owner = ADA): Promise<string> =>
  textOf(valueOf(await store.open(owner, key)));

const isAbsent = async (store: ObjectStore, key: string, owner = ADA): Promise<boolean> =>
  (await store.open(owner, key)).match(
    () => false,
    (error) => error.kind === 'not-found' && error.resource === 'object' && error.id === key,
  );

const KEYS = new Set([
  'uploads/2025/03/10/user/upload.json',
  'uploads/2025/03/10/user/upload.json/below',
  'uploads/2025/03/10/user',
  'uploads',
  'Uploads',
  '/uploads',
  'uploads/',
  'uploads//x',
  '../uploads',
  'uploads/../../x',
  'nul',
  'con.txt',
  '.hidden',
  'ends with a dot.',
  'C:\\x',
  'a\nb\0c',
  'a+',
  'a+/b',
  'a=/b',
  '%',
  '%41',
  'A',
  '',
  'y'.repeat(700),
  ...AWKWARD_IDS,
]);

/** What every `ObjectStore` promises. `make` is called once a test; fewer `runs` for a store that is far away. */
export function objectStoreContract(
  name: string,
  make: () => Promise<UnderTest<ObjectStore>>,
  { runs = 40 }: { readonly runs?: number } = {},
): void {
  const { test, run } = suiteOver<ObjectStore, UnderTest<ObjectStore>>(`object store: ${name}`, make);

  test('an empty store has nothing to open or list, and deleting nothing is fine', async ({ store }) => {
    assert.ok(await isAbsent(store, 'a'));
    assert.equal(valueOf(await store.list(ADA)), []);
    valueOf(await store.delete(ADA, 'a'));
  });

  test('an object comes back whole, with its size and its hash', async ({ store }) => {
    const stored = valueOf(await store.put(ADA, 'a', inParts('one ', '', 'two'), NO_LIMIT));
    assert.equal(stored, { sha256: createHash('sha256').update('one two').digest('hex'), bytes: 7 });
    const source = valueOf(await store.open(ADA, 'a'));
    assert.is(source.sizeBytes, 7);
    assert.is(await textOf(source), 'one two');
    assert.is(await textOf(source), 'one two');
  });

  test('an empty object exists', async ({ store }) => {
    const stored = valueOf(await store.put(ADA, 'empty', inParts(), 0));
    assert.equal(stored, { sha256: createHash('sha256').digest('hex'), bytes: 0 });
    const source = valueOf(await store.open(ADA, 'empty'));
    assert.is(source.sizeBytes, 0);
    assert.is(await textOf(source), '');
    assert.is(await textOf(source, { start: 0, end: 0 }), '');
  });

  test('any range of an object can be read, also several at once', async ({ store }) => {
    const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251);
    valueOf(await store.put(ADA, 'long', inParts(content.slice(0, 70_001), content.slice(70_001)), NO_LIMIT));
    const source = valueOf(await store.open(ADA, 'long'));
    assert.equal(Buffer.compare(await collect(source.stream()), content), 0);
    const position = fc.nat(content.length);
    await fc.assert(
      fc.asyncProperty(fc.tuple(position, position), fc.tuple(position, position), async (...ranges) => {
        await Promise.all(
          ranges.map(async ([a, b]) => {
            const range = { start: Math.min(a, b), end: Math.max(a, b) };
            const read = await collect(source.stream(range));
            assert.is(Buffer.compare(read, content.subarray(range.start, range.end)), 0);
          }),
        );
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  });

  test('a range outside the object is a fault of the program', async ({ store }) => {
    await put(store, 'a', '0123456789');
    const source = valueOf(await store.open(ADA, 'a'));
    for (const range of [
      { start: 0, end: 11 },
      { start: -1, end: 2 },
      { start: 5, end: 4 },
      { start: NaN, end: 1 },
    ]) {
      let thrown: unknown = null;
      try {
        await collect(source.stream(range));
      } catch (error) {
        thrown = error;
      }
      assert.instance(thrown, RangeError);
    }
  });

  test('a reader who stops early leaves the object readable', async ({ store }) => {
    valueOf(await store.put(ADA, 'long', inParts(new Uint8Array(1_000_000)), NO_LIMIT));
    const source = valueOf(await store.open(ADA, 'long'));
    for await (const part of source.stream()) {
      assert.ok(part.length > 0);
      break;
    }
    assert.is((await collect(source.stream())).length, 1_000_000);
  });

  test('a limit is reached but not passed', async ({ store }) => {
    valueOf(await store.put(ADA, 'a', inParts('12', '345'), 5));
    assert.is(await textAt(store, 'a'), '12345');
  });

  test('more than the limit leaves nothing behind, and reads no more of the source', async ({ store }) => {
    let asked = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          asked++;
          yield await Promise.resolve(new Uint8Array(10));
        }
      } finally {
        closed = true;
      }
    }
    assert.equal(errorOf(await store.put(ADA, 'a', endless(), 25)), { kind: 'object-too-large', limitBytes: 25 });
    assert.equal([asked, closed], [3, true]);
    assert.ok(await isAbsent(store, 'a'));
    assert.equal(valueOf(await store.list(ADA)), []);
  });

  test('a source that fails half-way leaves nothing behind', async ({ store }) => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytesOf('half'));
      throw new Error('the sender went away');
    }
    const error = errorOf(await store.put(ADA, 'a', failing(), NO_LIMIT));
    assert.is(error.kind, 'port-unavailable');
    if (error.kind === 'port-unavailable') assert.match(error.cause, 'the sender went away');
    assert.ok(await isAbsent(store, 'a'));
    assert.equal(valueOf(await store.list(ADA)), []);
  });

  test('a replacement that fails leaves the object that was there', async ({ store }) => {
    await put(store, 'a', 'first');
    errorOf(await store.put(ADA, 'a', inParts('second, and too long'), 5));
    assert.is(await textAt(store, 'a'), 'first');
    assert.equal(valueOf(await store.list(ADA)), ['a']);
  });

  test('an object is not there before all of it is', async ({ store }) => {
    const seen: boolean[] = [];
    async function* watched(): AsyncGenerator<Uint8Array> {
      yield bytesOf('one');
      seen.push(await isAbsent(store, 'a'));
      yield bytesOf('two');
      seen.push(valueOf(await store.list(ADA)).length === 0);
    }
    valueOf(await store.put(ADA, 'a', watched(), NO_LIMIT));
    assert.equal(seen, [true, true]);
    assert.is(await textAt(store, 'a'), 'onetwo');
  });

  test('a replacement happens in one step: a reader gets the one or the other, or an error, never a mixture', async ({
    store,
  }) => {
    const [first, second] = ['1'.repeat(300_000), '2'.repeat(200_000)];
    await put(store, 'a', first);
    const source = valueOf(await store.open(ADA, 'a'));
    await put(store, 'a', second);
    assert.is(await textAt(store, 'a'), second);
    const late = await textOf(source).catch(() => 'an error');
    assert.ok([first, 'an error'].includes(late));
  });

  test('of writes to one key at the same time, one is there whole', async ({ store }) => {
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(10_000 + i));
    await Promise.all(texts.map((text) => put(store, 'a/b', text)));
    assert.ok(texts.includes(await textAt(store, 'a/b')));
    assert.equal(valueOf(await store.list(ADA)), ['a/b']);
  });

  test('the buffer that a source handed over may be used again', async ({ store }) => {
    const buffer = new Uint8Array(4);
    async function* reusing(): AsyncGenerator<Uint8Array> {
      for (const text of ['abcd', 'efgh']) {
        buffer.set(bytesOf(text));
        yield await Promise.resolve(buffer);
      }
      buffer.fill(0);
    }
    valueOf(await store.put(ADA, 'a', reusing(), NO_LIMIT));
    for await (const part of valueOf(await store.open(ADA, 'a')).stream()) part.fill(0);
    assert.is(await textAt(store, 'a'), 'abcdefgh');
  });

  test('a deleted object is absent, and its key is free', async ({ store }) => {
    await put(store, 'x/y/a', 'a');
    await put(store, 'x/b', 'b');
    valueOf(await store.delete(ADA, 'x/y/a'));
    valueOf(await store.delete(ADA, 'x/y/a'));
    valueOf(await store.delete(ADA, 'x'));
    assert.ok(await isAbsent(store, 'x/y/a'));
    assert.equal(valueOf(await store.list(ADA)), ['x/b']);
    await put(store, 'x/y/a', 'again');
    assert.is(await textAt(store, 'x/y/a'), 'again');
  });

  test('writing and deleting beside each other harm neither', async ({ store }) => {
    for (let round = 0; round < 10; round++) {
      await put(store, 'x/y/old', 'old');
      const [stored] = await Promise.all([put(store, 'x/y/new', 'new'), store.delete(ADA, 'x/y/old')]);
      assert.is(stored.bytes, 3);
      assert.is(await textAt(store, 'x/y/new'), 'new');
      valueOf(await store.delete(ADA, 'x/y/new'));
    }
  });

  test('keys of any characters stay apart, and are listed as they were given', async ({ store }) => {
    for (const key of KEYS) await put(store, key, `content of ${key}`);
    for (const key of KEYS) assert.is(await textAt(store, key), `content of ${key}`, key);
    const left = new Set(KEYS);
    assert.equal(new Set(valueOf(await store.list(ADA))), left);
    for (const key of KEYS) {
      valueOf(await store.delete(ADA, key));
      left.delete(key);
      assert.equal(new Set(valueOf(await store.list(ADA))), left);
    }
  });

  test('any two different keys have different objects', async ({ store }) => {
    let owners = 0;
    const anyKey = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'B', '.', '/', '%', '+', '=', '2', 'e'), maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyKey, { maxLength: 6 }), async (keys) => {
        const owner = userId(`owner-${owners++}`);
        for (const key of keys) await put(store, key, key, owner);
        for (const key of keys) assert.is(await textAt(store, key, owner), key);
        assert.equal(new Set(valueOf(await store.list(owner))), new Set(keys));
      }),
      { numRuns: runs },
    );
  });

  test("another owner's objects are as if they were not there", async ({ store }) => {
    await put(store, 'a', 'of Ada');
    assert.ok(await isAbsent(store, 'a', BEN));
    assert.equal(valueOf(await store.list(BEN)), []);
    valueOf(await store.delete(BEN, 'a'));
    await put(store, 'a', 'of Ben', BEN);
    assert.is(await textAt(store, 'a'), 'of Ada');
    for (const way of [`../${ADA}/a`, `../${BEN}/a`, '../a', `/${ADA}/a`]) {
      assert.ok(await isAbsent(store, way, BEN));
    }
  });

  test('owners of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) await put(store, 'key', id, userId(id));
    for (const id of AWKWARD_IDS) {
      assert.is(await textAt(store, 'key', userId(id)), id);
      assert.equal(valueOf(await store.list(userId(id))), ['key']);
      valueOf(await store.delete(userId(id), 'key'));
    }
  });

  test("erasing an owner leaves nothing of theirs and everything of the others'", async ({ store }) => {
    for (const key of ['uploads/2025/03/10/a.json', 'b', 'half \u{1f468}', '']) await put(store, key, 'of Ada');
    await put(store, 'b', 'of Ben', BEN);
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.list(ADA)), []);
    assert.ok(await isAbsent(store, 'b'));
    assert.ok(await isAbsent(store, ''));
    assert.is(await textAt(store, 'b', BEN), 'of Ben');
    assert.equal(valueOf(await store.list(BEN)), ['b']);
  });

  test('erasing an owner twice, or one of whom there is nothing, is fine; what was erased can be stored again', async ({
    store,
  }) => {
    valueOf(await store.eraseOwner(ADA));
    await put(store, 'a', 'first');
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    await put(store, 'a', 'again');
    assert.is(await textAt(store, 'a'), 'again');
    assert.equal(valueOf(await store.list(ADA)), ['a']);
  });

  test('owners whose ids look like places are erased alone', async ({ store }) => {
    for (const id of AWKWARD_IDS) await put(store, 'key', id, userId(id));
    const left = new Set(AWKWARD_IDS);
    for (const id of ['..', '.', '../a', 'a/b', 'a', '']) {
      valueOf(await store.eraseOwner(userId(id)));
      left.delete(id);
    }
    for (const id of AWKWARD_IDS) assert.is(await isAbsent(store, 'key', userId(id)), !left.has(id), id);
  });

  run();
}

/** What an `ObjectStore` that outlives its process promises besides. */
export function durableObjectStoreContract(name: string, make: () => Promise<DurableUnderTest<ObjectStore>>): void {
  const { test, run } = suiteOver<ObjectStore, DurableUnderTest<ObjectStore>>(`durable object store: ${name}`, make);

  test('objects are there after closing and opening again', async (under) => {
    await put(under.store, 'x/a', 'content');
    const reopened = await under.reopen();
    assert.is(await textAt(reopened, 'x/a'), 'content');
    assert.equal(valueOf(await reopened.list(ADA)), ['x/a']);
  });

  run();
}
