import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommonPasswords } from '../../../adapters/common-passwords/common-passwords.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const list = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json');

test('the 10,000 most common passwords are known, in whatever case they are written', async () => {
  const common = new CommonPasswords();
  const top = (JSON.parse(await readFile(list, 'utf8')) as readonly string[]).slice(0, 10_000);
  assert.equal(new Set(top).size, 10_000);
  assert.equal(top.slice(0, 3), ['123456', 'password', '12345678']);
  for (const password of top) {
    assert.is(valueOf(await common.includes(password)), true, password);
    assert.is(valueOf(await common.includes(password.toUpperCase())), true, password);
  }
});

test('what fulfils the rules and is chosen by many is known, and what is not is not', async () => {
  const common = new CommonPasswords();
  for (const known of ['Password1', 'Qwerty123', 'Passw0rd', 'ＰＡＳＳＷＯＲＤ１']) {
    assert.is(valueOf(await common.includes(known)), true, known);
  }
  for (const unknown of ['Correct-horse-7', 'Correct1horse', 'Another-horse-8', '', 'password1 ']) {
    assert.is(valueOf(await common.includes(unknown)), false, unknown);
  }
});

test('a list that cannot be read, or is none, is an outage and not a no; the next call reads again', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-passwords-'));
  const file = path.join(folder, 'passwords.json');
  const common = new CommonPasswords(file);
  assert.is(errorOf(await common.includes('password')).kind, 'port-unavailable');
  for (const content of ['{', '{}', '["password"]']) {
    await writeFile(file, content);
    assert.is(errorOf(await common.includes('password')).kind, 'port-unavailable');
  }
  await writeFile(file, await readFile(list));
  assert.is(valueOf(await common.includes('password')), true);
  await rm(folder, { recursive: true });
});

test.run();
