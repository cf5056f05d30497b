import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryMailOutbox } from '../../../adapters/memory/mail-outbox.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';

const mail = (owner: string, subject: string) => ({
  owner: userId(owner),
  to: `${owner}@example.org`,
  subject,
  text: 'x\n',
});

test('mails are kept as they were sent, the oldest first, and changing one outside changes nothing', async () => {
  const outbox = new MemoryMailOutbox();
  const given = mail('ada', '1');
  valueOf(await outbox.send(given));
  valueOf(await outbox.send(mail('ben', '2')));
  given.subject = 'changed';
  assert.equal(outbox.messages, [mail('ada', '1'), mail('ben', '2')]);
});

test('only the last 1000 are kept', async () => {
  const outbox = new MemoryMailOutbox();
  for (let i = 0; i < 1005; i += 1) valueOf(await outbox.send(mail('ada', `${i}`)));
  assert.is(outbox.messages.length, 1000);
  assert.equal([outbox.messages.at(0)?.subject, outbox.messages.at(-1)?.subject], ['5', '1004']);
});

test("a person's mails are forgotten, and nobody else's", async () => {
  const outbox = new MemoryMailOutbox();
  for (const owner of ['ada', 'ben', 'ada']) valueOf(await outbox.send(mail(owner, 'x')));
  valueOf(await outbox.eraseOwner(userId('ada')));
  assert.equal(outbox.messages, [mail('ben', 'x')]);
});

test.run();
