import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveName, WebhookTargets, type ResolveName } from '../../../adapters/https/webhook-target.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'],
  'private.example': ['10.0.0.5'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
  'xn--bcher-kva.example': ['93.184.216.34'],
  localhost: ['127.0.0.1'],
};

const resolve: ResolveName = (name) => {
  const addresses = NAMES[name];
  return addresses === undefined
    ? Promise.reject(Object.assign(new Error(name), { code: name === 'slow.example' ? 'EAI_AGAIN' : 'ENOTFOUND' }))
    : Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
};

const targets = new WebhookTargets(['private.example', 'listed.example:8080', '[fd00::5]', '127.0.0.1:3000'], resolve);
const reasonFor = async (url: string): Promise<string> => errorOf(await targets.judge(url)).reason;

test('an https URL of a public name is allowed, with all its addresses', async () => {
  const { url, addresses } = valueOf(await targets.judge('https://PUBLIC.example:8443/a?b=c'));
  assert.is(url.href, 'https://public.example:8443/a?b=c');
  assert.equal(addresses, [
    { address: '93.184.216.34', family: 4 },
    { address: '2606:2800:220:1:248:1893:25c8:1946', family: 6 },
  ]);
  valueOf(await targets.judge('https://bücher.example/'));
  valueOf(await targets.judge('https://8.8.8.8/'));
  valueOf(await targets.judge('https://[2606:4700:4700::1111]:444/'));
});

test('what is no URL, not https, or names a person or a fragment is refused', async () => {
  assert.is(await reasonFor('public.example'), 'is no URL');
  for (const url of ['http://public.example/', 'ftp://public.example/', 'file:///etc/passwd', 'data:,x']) {
    assert.is(await reasonFor(url), 'must be https', url);
  }
  for (const url of [
    'https://ada@public.example/',
    'https://ada:secret@public.example/',
    'https://:secret@public.example/',
  ]) {
    assert.is(await reasonFor(url), 'must not name a user or a password', url);
  }
  for (const url of ['https://public.example/#', 'https://public.example/#here']) {
    assert.is(await reasonFor(url), 'must not have a fragment', url);
  }
});

test('a name with one address that is not public is refused, whatever the others are', async () => {
  for (const name of ['mixed.example', 'localhost', 'localhost:8000']) {
    assert.is(
      await reasonFor(`https://${name}/`),
      'is, or resolves to, an address that is not public (loopback)',
      name,
    );
  }
});

test('addresses are judged in every spelling', async () => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0x7f.1',
    '127.0.0.1.',
    '１２７.0.0.1',
  ]) {
    assert.match(await reasonFor(`https://${host}/`), /not public \(loopback\)/, host);
  }
  for (const host of ['[::1]', '[0:0:0:0:0:0:0:1]'])
    assert.match(await reasonFor(`https://${host}/`), /loopback/, host);
  for (const host of ['[::ffff:7f00:1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]']) {
    assert.match(await reasonFor(`https://${host}/`), /loopback/, host);
  }
  assert.match(await reasonFor('https://0/'), /unspecified/);
  assert.match(await reasonFor('https://0xa9fea9fe/latest/meta-data'), /link local/);
});

test('what the operator lists may be private and without TLS, on the listed port only', async () => {
  for (const url of [
    'http://private.example/',
    'https://private.example:9/',
    'http://[fd00::5]:1/',
    'http://127.0.0.1:3000/',
  ]) {
    valueOf(await targets.judge(url));
  }
  assert.is(await reasonFor('http://listed.example:8080/'), 'has a name that does not exist');
  assert.is(await reasonFor('http://127.0.0.1:3001/'), 'must be https');
  assert.match(await reasonFor('https://127.0.0.1/'), /loopback/);
  assert.is(await reasonFor('http://public.example/'), 'must be https');
  const byDefaultPort = new WebhookTargets(['localhost:80', '10.0.0.5:443'], resolve);
  valueOf(await byDefaultPort.judge('http://localhost/'));
  valueOf(await byDefaultPort.judge('https://10.0.0.5/'));
  assert.is(errorOf(await byDefaultPort.judge('http://localhost:81/')).reason, 'must be https');
});

test('a name that does not exist is refused; one that cannot be looked up now is trouble', async () => {
  assert.is(await reasonFor('https://nowhere.example/'), 'has a name that does not exist');
  const trouble = await targets.judge('https://slow.example/').then(
    () => 'none',
    (cause: unknown) => (cause as NodeJS.ErrnoException).code,
  );
  assert.is(trouble, 'EAI_AGAIN');
});

test('names are looked up as the operating system does it', async () => {
  const addresses = await resolveName('localhost');
  assert.ok(addresses.length > 0);
  for (const { address, family } of addresses) assert.is(address.includes(':') ? 6 : 4, family);
});

test.run();
