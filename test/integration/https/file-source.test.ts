import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpsFileSource } from '../../../adapters/https/file-source.ts';
import { fileSourceContract } from '../../contracts/file-source.contract.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const ORIGIN = 'https://models.example';

/** The web as a map from locations to contents. */
const web =
  (files: ReadonlyMap<string, Uint8Array>): typeof fetch =>
  async (location) => {
    const content = files.get(location as string);
    return content === undefined
      ? new Response('gone', { status: 404 })
      : new Response(new Blob([Uint8Array.from(content)]));
  };

fileSourceContract('https', async () => {
  const files = new Map<string, Uint8Array>();
  return {
    source: new HttpsFileSource(web(files)),
    put: async (name, content) => {
      files.set(`${ORIGIN}/pat/${name}`, content);
      return `${ORIGIN}/pat/${name}`;
    },
    absent: `${ORIGIN}/pat/absent.h5`,
    close: () => Promise.resolve(),
  };
});

test('neither a password nor a signed query is passed on', async () => {
  const location = 'https://user:secret@models.example/a%20b.h5?signature=secret';
  const file = valueOf(await new HttpsFileSource(web(new Map([[location, new Uint8Array(3)]]))).fetch(location, 10));
  assert.is(file.location, 'https://models.example/a%20b.h5');
  assert.is(file.name, 'a b.h5');
});

test('only https is spoken, also after a redirect', async () => {
  const source = new HttpsFileSource(async () => {
    const response = new Response('x');
    Object.defineProperty(response, 'url', { value: 'http://elsewhere.example/x.h5' });
    return response;
  });
  assert.match(errorOf(await source.fetch('http://models.example/x.h5', 10)).reason, 'not an https URL');
  assert.match(errorOf(await source.fetch('https://models.example/x.h5', 10)).reason, 'away from https');
});

test('a connection that fails is told with its cause', async () => {
  const source = new HttpsFileSource(async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }) });
  });
  assert.match(errorOf(await source.fetch('https://models.example/x.h5', 10)).reason, 'ENOTFOUND');
});

test.run();
