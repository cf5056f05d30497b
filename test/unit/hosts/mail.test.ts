import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryMailOutbox } from '../../../adapters/memory/mail-outbox.ts';
import { SmtpMailer } from '../../../adapters/smtp/mailer.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { mailerOf, mailLine } from '../../../hosts/wiring/mail.ts';
import { valueOf } from '../result-values.ts';

const SERVER = { SMTP_URL: 'smtps://ada:secret@mail.example:465', MAIL_FROM: 'clarity@example.org' };
const lineOf = (environment: Record<string, string>) => mailLine(valueOf(readConfig(environment)));

test('mail goes to the server where there is one, and is kept where there is none', () => {
  const outbox = new MemoryMailOutbox();
  assert.is(mailerOf({ smtpUrl: null, from: 'clarity@example.org' }, outbox), outbox);
  assert.instance(mailerOf({ smtpUrl: SERVER.SMTP_URL, from: SERVER.MAIL_FROM }, outbox), SmtpMailer);
});

test('the welcome says where mails are, and no password', () => {
  assert.match(lineOf({ DATA_DIR: 'data' }), `kept in ${path.resolve('data', 'mail')}; SMTP_URL and MAIL_FROM send it`);
  assert.match(lineOf({ STORAGE: 'memory' }), 'where nobody reads it');
  const pool = { STORAGE: 'aws', COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI', COGNITO_CLIENT_ID: '1example23456789' };
  assert.match(lineOf({ ...pool, ...SERVER }), 'the user pool sends it');
  for (const storage of ['embedded', 'memory']) {
    const line = lineOf({ ...SERVER, STORAGE: storage });
    assert.match(line, 'sent through mail.example:465 from clarity@example.org');
    assert.not.match(line, 'secret');
  }
});

test.run();
