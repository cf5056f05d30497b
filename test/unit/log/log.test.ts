import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorReport, errorReportLines } from '../../../hosts/wiring/log/error-report.ts';
import { openLog } from '../../../hosts/wiring/log/open-log.ts';
import { operatorWords } from '../../../hosts/wiring/log/operator-words.ts';

const log = suite('the log');

/** What a log that gets all levels writes, without level and time. */
function written(say: (logger: ReturnType<typeof openLog>) => void): Readonly<Record<string, unknown>> {
  const lines: string[] = [];
  say(openLog('trace', { write: (line) => lines.push(line) }));
  assert.is(lines.length, 1);
  const { level, time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.type(level, 'number');
  assert.type(time, 'number');
  return rest;
}

const SECRET = 'Zyxwv-7';
const UPLOAD = '0b0e7f1c-6f3e-4e0c-9d55-3a1c5a0a7f11';

log('lets fields through that are on the list and have their shape', () => {
  const line = {
    request_id: UPLOAD,
    method: 'GET',
    route: '/api/v1/health-data/processing/{processing_id}',
    status: 503,
    duration_ms: 1.5,
    completed: true,
    error: 'port-unavailable',
    port: 'SampleStore',
    operation: 'read',
    cause: 'Error: the disk is full',
    job: `${UPLOAD}/1735689600000`,
  };
  assert.equal(
    written((logger) => {
      logger.error(line, 'request failed');
    }),
    { ...line, msg: 'request failed' },
  );
});

log('leaves out what is not on the list, and says how much', () => {
  assert.equal(
    written((logger) => {
      logger.info({ status: 200, email: SECRET, body: { note: SECRET }, [SECRET]: 1 }, 'request');
    }),
    { status: 200, fields_left_out: 3, msg: 'request' },
  );
});

log('leaves out a field on the list that has not its shape', () => {
  const line = {
    method: SECRET,
    route: `/api/v1/patients/${UPLOAD}`,
    status: `${SECRET} ${SECRET}`,
    error: `${SECRET}@example.org`,
    job: SECRET,
    completed: SECRET,
    duration_ms: SECRET,
  };
  assert.equal(
    written((logger) => {
      logger.info(line, 'request');
    }),
    { fields_left_out: 7, msg: 'request' },
  );
});

log('has a hash of a request id that a client has chosen', () => {
  const { request_id } = written((logger) => {
    logger.info({ request_id: SECRET }, 'request');
  });
  assert.match(String(request_id), /^sha256-[0-9a-f]{32}$/);
});

log('takes no message with a value in it, no values for it, and nothing that is bound to a child', () => {
  const said = [
    written((logger) => {
      logger.info(`mail to ${SECRET}@example.org`);
    }),
    written((logger) => {
      logger.info('mail to %s', SECRET);
    }),
    written((logger) => {
      logger.info({}, 'mail to', SECRET);
    }),
    written((logger) => {
      logger
        .child({ user: SECRET })
        .child({ name: SECRET }, { serializers: { msg: () => SECRET } })
        .info('mail');
    }),
    written((logger) => {
      logger.info({ msg: SECRET, level: SECRET }, 'mail');
    }),
  ];
  assert.not.match(JSON.stringify(said), SECRET);
});

log('tells of an error where it happened, and nothing of its values, down its causes', () => {
  const cause = Object.assign(new Error(`ENOENT: no such file or directory, open '/home/${SECRET}/notes.txt'`), {
    code: 'ENOENT',
    path: SECRET,
  });
  const all = new AggregateError([new Error(SECRET)], SECRET, { cause });
  for (const said of [
    written((logger) => {
      logger.error({ err: all }, 'unexpected error');
    }),
    written((logger) => {
      logger.error(all);
    }),
  ]) {
    assert.not.match(JSON.stringify(said), SECRET);
    const { err } = said as { readonly err: ReturnType<typeof errorReport> };
    assert.is(err.type, 'AggregateError');
    assert.is(err.cause?.code, 'ENOENT');
    assert.is(err.cause?.message, 'ENOENT: no such file or directory, open …');
    assert.ok(err.stack.length > 0);
    assert.is(err.errors?.length, 1);
  }
  assert.not.match(errorReportLines(errorReport(all)).join('\n'), SECRET);
});

log('tells of what was thrown that is no error', () => {
  assert.equal(errorReport({ note: SECRET }), { type: 'object', message: '…', stack: [] });
  assert.equal(errorReport(`it failed for ${SECRET}`), { type: 'string', message: 'it failed for …', stack: [] });
});

log('keeps the names of errors with made-up names and codes to itself', () => {
  const odd = Object.assign(new Error('x'), { name: `${SECRET} Error`, code: `${SECRET}!` });
  assert.not.match(JSON.stringify(errorReport(odd)), SECRET);
});

log("keeps of a technology's words those that are on the list", () => {
  for (const [said, kept] of [
    ['SqliteError: UNIQUE constraint failed: account.email', 'SqliteError: UNIQUE constraint failed: …'],
    ['EAUTH: 550 <ada@example.org> user unknown', 'EAUTH: … user unknown'],
    [
      'SyntaxError: Unexpected token \'Z\', "Zyxwv-7" is not valid JSON',
      'SyntaxError: Unexpected token … is not valid JSON',
    ],
    ['connect ECONNREFUSED 10.1.2.3:6379', 'connect ECONNREFUSED …'],
    [
      'ConditionalCheckFailedException: The conditional request failed',
      'ConditionalCheckFailedException: The conditional request failed',
    ],
    ['Will May Mark ZYXWV zyxwv', '…'],
    ['the master key is missing; restore it from a backup', 'the master key is missing; restore it from a backup'],
    ['', ''],
  ] as const) {
    assert.is(operatorWords(said), kept);
  }
});

log.run();
