import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SmtpMailer, type SmtpMailerOptions } from '../../../adapters/smtp/mailer.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { startSmtpServer, type SmtpServer } from './smtp-server.ts';

const MAIL = {
  owner: userId('ada'),
  to: 'Ada+tag@example.org',
  subject: 'A code',
  text: 'Hello,\n\n    123456\n.\nGrüße\n',
};

async function withServer(
  parameters: Parameters<typeof startSmtpServer>,
  work: (server: SmtpServer, mailer: (change?: Partial<SmtpMailerOptions>) => SmtpMailer) => Promise<void>,
): Promise<void> {
  const server = await startSmtpServer(...parameters);
  const url = `smtp://127.0.0.1:${server.port}`;
  try {
    await work(server, (change) => new SmtpMailer({ url, from: 'Clarity <clarity@example.org>', ...change }));
  } finally {
    await server.close();
  }
}

test('a mail reaches the server with its sender, its one recipient and its text', async () => {
  await withServer([], async ({ heard }, mailer) => {
    valueOf(await mailer().send(MAIL));
    const [session] = heard;
    const said = (word: string) => session?.commands.filter((line) => line.startsWith(word));
    assert.match(said('MAIL')?.join() ?? '', '<clarity@example.org>');
    assert.is(said('RCPT')?.length, 1);
    assert.match(said('RCPT')?.join() ?? '', '<Ada+tag@example.org>');
    const data = session?.data ?? '';
    assert.match(data, /^From: Clarity <clarity@example\.org>\r$/m);
    assert.match(data, /^To: Ada\+tag@example\.org\r$/m);
    assert.match(data, /^Subject: A code\r$/m);
    assert.match(data, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(data, /^Message-ID: <.+>\r$/im);
    assert.match(data, '123456');
  });
});

test('an address is never read as a list, and no subject as a header', async () => {
  await withServer([], async ({ heard }, mailer) => {
    await mailer().send({ ...MAIL, to: 'ada@example.org, eve@example.org', subject: 'x\r\nBcc: eve@example.org' });
    const recipients = heard[0]?.commands.filter((line) => line.startsWith('RCPT')) ?? [];
    assert.ok(recipients.length <= 1, recipients.join());
    assert.not.match(heard[0]?.data ?? '', /^Bcc:/m);
  });
});

test('an address of another script goes to a server that takes it', async () => {
  await withServer([], async ({ heard }, mailer) => {
    valueOf(await mailer().send({ ...MAIL, to: '用户@example.org' }));
    assert.match(heard[0]?.commands.join('\n') ?? '', 'RCPT TO:<用户@example.org>');
    assert.match(heard[0]?.commands.join('\n') ?? '', 'SMTPUTF8');
  });
});

test('one mailer sends mail after mail, each over a connection of its own', async () => {
  await withServer([], async ({ heard }, mailer) => {
    const one = mailer();
    for (let times = 0; times < 3; times += 1) valueOf(await one.send(MAIL));
    assert.is(heard.length, 3);
  });
});

test('who has a password says it to a server on this machine, and to no other one without TLS', async () => {
  await withServer([], async ({ heard, port }, mailer) => {
    valueOf(await mailer({ url: `smtp://ada:p%40ss@127.0.0.1:${port}` }).send(MAIL));
    const plain = Buffer.from('\0ada\0p@ss').toString('base64');
    assert.ok(heard[0]?.commands.some((line) => line === `AUTH PLAIN ${plain}`));
    // This reaches the same server, and does not look like this machine.
    errorOf(await mailer({ url: `smtp://ada:p%40ss@0.0.0.0:${port}` }).send(MAIL));
    assert.is(heard.length, 2);
    assert.ok(heard[1]?.commands.some((line) => line.startsWith('STARTTLS')));
    assert.not.ok(heard[1]?.commands.some((line) => /AUTH|MAIL/.test(line)));
  });
});

for (const [what, answers, retryable] of [
  ['refuses for good', { RCPT: '550 5.1.1 <ADA+TAG@example.org>: no such user' }, false],
  ['is busy', { RCPT: '451 4.7.1 <ada+tag@example.org>: greylisted, come back later' }, true],
  ['refuses the message', { '.': '554 5.7.1 looks like spam' }, false],
  ['refuses the sender', { MAIL: '530 5.7.0 log in first' }, false],
] as const) {
  test(`a server that ${what} is unavailable, and the log gets no address`, async () => {
    await withServer([answers], async (_server, mailer) => {
      const error = errorOf(await mailer().send(MAIL));
      assert.equal([error.kind, error.port, error.operation], ['port-unavailable', 'Mailer', 'send']);
      assert.is(error.retryable, retryable);
      assert.match(error.cause, /\d\.\d\.\d/);
      assert.not.match(error.cause.toLowerCase(), 'ada+tag');
      assert.not.match(error.cause, '123456');
    });
  });
}

test('a server that never says a word is given up', async () => {
  await withServer([{}, null], async (_server, mailer) => {
    const error = errorOf(await mailer({ timeoutMs: 30 }).send(MAIL));
    assert.equal([error.port, error.retryable], ['Mailer', true]);
  });
});

test('a server that is not there, and one that is asked for TLS and has none, are unavailable', async () => {
  const gone = await startSmtpServer();
  await gone.close();
  const from = 'clarity@example.org';
  const error = errorOf(await new SmtpMailer({ url: `smtp://127.0.0.1:${gone.port}`, from }).send(MAIL));
  assert.equal([error.port, error.retryable], ['Mailer', true]);
  await withServer([], async ({ port }, mailer) => {
    errorOf(await mailer({ url: `smtps://127.0.0.1:${port}`, timeoutMs: 2000 }).send(MAIL));
  });
});

test('a mailer keeps nothing that could be forgotten', async () => {
  valueOf(await new SmtpMailer({ url: 'smtp://127.0.0.1:1', from: 'a@b.example' }).eraseOwner());
});

test.run();
