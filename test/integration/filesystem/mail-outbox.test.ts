import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileMailOutbox } from '../../../adapters/filesystem/mail-outbox.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { countingIds } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const START_MS = Date.UTC(2025, 5, 15, 12, 34, 56, 789);
const DAY = 86_400_000;
const ADA = { owner: userId('ada'), to: 'Ada@example.org', subject: 'A code', text: 'Hello,\n\n    123456\n' };
const BEN = { ...ADA, owner: userId('ben'), to: 'ben@example.org' };

const test = suite<{ root: string }>('mail outbox in a folder');

test.before.each(async (context) => {
  context.root = await mkdtemp(path.join(tmpdir(), 'clarity-mail-'));
});

test.after.each(async ({ root }) => {
  await rm(root, { recursive: true, force: true });
});

function outboxIn(root: string) {
  const time = { nowMs: START_MS };
  const folder = path.join(root, 'data', 'mail');
  const from = 'Clarity <clarity@example.org>';
  const outbox = new FileMailOutbox({ folder, from, clock: { now: () => time.nowMs }, ids: countingIds() });
  const names = () => readdir(folder);
  const contents = async () =>
    Promise.all((await names()).toSorted().map((name) => readFile(path.join(folder, name), 'utf8')));
  return { outbox, folder, time, names, contents };
}

test('a mail is one file that a mail program opens', async ({ root }) => {
  const { outbox, contents } = outboxIn(root);
  valueOf(await outbox.send(ADA));
  assert.equal(await contents(), [
    [
      'From: Clarity <clarity@example.org>',
      'To: Ada@example.org',
      'Subject: A code',
      'Date: Sun, 15 Jun 2025 12:34:56 +0000',
      'Message-ID: <00000000-0000-4000-8000-000000000001@example.org>',
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'Hello,',
      '',
      '    123456',
      '',
    ].join('\r\n'),
  ]);
});

test('the folder and its files are for this user alone, and names tell of nobody', async ({ root }) => {
  const { outbox, folder, names } = outboxIn(root);
  valueOf(await outbox.send(ADA));
  const [name = '', ...others] = await names();
  assert.equal(others, []);
  assert.match(name, /^2025-06-15T12-34-56\.789Z_[0-9a-f]{32}_.*\.eml$/);
  assert.not.match(name, 'ada');
  assert.is((await stat(folder)).mode & 0o777, 0o700);
  assert.is((await stat(path.join(folder, name))).mode & 0o777, 0o600);
});

test('no content becomes a header, whatever it is', async ({ root }) => {
  const { outbox, contents } = outboxIn(root);
  valueOf(await outbox.send({ ...ADA, subject: 'Hi\r\nBcc: eve@example.org\n\nx', text: 'a\r\nb\rc\nd' }));
  const [mail = ''] = await contents();
  const [head = '', ...body] = mail.split('\r\n\r\n');
  assert.match(head, 'Subject: Hi Bcc: eve@example.org x\r\n');
  assert.equal(body, ['a\r\nb\r\nc\r\nd']);
});

test('addresses and texts of any script are kept as they are', async ({ root }) => {
  const { outbox, contents } = outboxIn(root);
  valueOf(await outbox.send({ ...ADA, to: '用户@例え.org', text: 'Grüße\n' }));
  const [mail = ''] = await contents();
  assert.match(mail, 'To: 用户@例え.org\r\n');
  assert.ok(mail.endsWith('Grüße\r\n'));
});

test('files sort by time, and mails of the same instant are all kept', async ({ root }) => {
  const { outbox, time, contents } = outboxIn(root);
  for (const subject of ['1', '1']) valueOf(await outbox.send({ ...ADA, subject }));
  time.nowMs += 1;
  valueOf(await outbox.send({ ...ADA, subject: '2' }));
  const subjects = (await contents()).map((mail) => /Subject: (.*)\r/.exec(mail)?.[1]);
  assert.equal(subjects, ['1', '1', '2']);
});

test('after a week a mail goes with the next one, and no other file does', async ({ root }) => {
  const { outbox, folder, time, names } = outboxIn(root);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'notes.txt'), 'mine');
  valueOf(await outbox.send(ADA));
  time.nowMs += 7 * DAY;
  valueOf(await outbox.send(BEN));
  assert.is((await names()).length, 3);
  time.nowMs += 1;
  valueOf(await outbox.send(BEN));
  const left = (await names()).toSorted();
  assert.is(left.length, 3);
  assert.ok(left.includes('notes.txt'));
  assert.not.ok(left.some((name) => name.startsWith('2025-06-15T')));
});

test("a person's mails are removed, also where there is no folder, and nobody else's", async ({ root }) => {
  const { outbox, contents } = outboxIn(root);
  valueOf(await outbox.eraseOwner(ADA.owner));
  for (const mail of [ADA, BEN, ADA]) valueOf(await outbox.send(mail));
  for (let times = 0; times < 2; times += 1) valueOf(await outbox.eraseOwner(ADA.owner));
  const [mail = '', ...others] = await contents();
  assert.equal(others, []);
  assert.match(mail, 'To: ben@example.org');
});

test('a folder that cannot be made or read is unavailable, and the words of the mail are not told', async ({
  root,
}) => {
  await writeFile(path.join(root, 'data'), 'a file where a folder should be');
  const { outbox } = outboxIn(root);
  for (const outcome of [await outbox.send(ADA), await outbox.eraseOwner(ADA.owner)]) {
    const error = errorOf(outcome);
    assert.equal([error.kind, error.port], ['port-unavailable', 'Mailer']);
    assert.not.match(error.cause, '123456');
  }
});

test.run();
