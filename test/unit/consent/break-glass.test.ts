import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { breakGlass } from '../../../core/consent/break-glass.ts';
import { mayReadPatient } from '../../../core/consent/may-read.ts';
import type { MailMessage } from '../../../core/auth/mail-ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { ADA, CLINICIAN, DOC, HOUR, reader, sharing } from './sharing.ts';

const REASON = 'Brought in unconscious, no relatives.';
const COMMAND = { clinician: DOC, patient: ADA, reason: REASON, forMs: HOUR };

function emergency() {
  const world = sharing();
  const identities = {
    profile: (user: UserId) =>
      user === ADA
        ? okAsync({
            userId: user,
            email: 'ada@example.org',
            emailVerified: true,
            displayName: 'Ada',
            provider: 'local',
          })
        : errAsync({ kind: 'unknown-user' } as const),
  };
  const mails: MailMessage[] = [];
  const mailLater = (message: MailMessage): void => {
    mails.push(message);
  };
  const open = breakGlass({ ...world, identities, mailLater });
  return { ...world, identities, mailLater, mails, open, mayRead: mayReadPatient(world) };
}

test('it opens everything, to this clinician, until its end', async () => {
  const { open, mayRead, clock } = emergency();
  const { accessId } = valueOf(await open(COMMAND));
  for (const type of ['heart_rate', 'activity_data.steps', 'analyses', 'insights'] as const) {
    assert.equal(valueOf(await mayRead(CLINICIAN, ADA, type)), { kind: 'emergency', accessId });
  }
  const absent = { kind: 'not-found', resource: 'patient', id: ADA };
  assert.equal(errorOf(await mayRead(reader(userId('other'), 'clinician'), ADA, 'heart_rate')), absent);
  assert.equal(errorOf(await mayRead(reader(DOC, 'patient'), ADA, 'heart_rate')), absent, 'without the role');
  clock.nowMs += HOUR - 1;
  assert.ok((await mayRead(CLINICIAN, ADA, 'heart_rate')).isOk());
  clock.nowMs += 1;
  assert.equal(errorOf(await mayRead(CLINICIAN, ADA, 'heart_rate')), absent);
});

test('the patient is told that it happened, and reads who and why in the list only', async () => {
  const { open, told, mails, consents } = emergency();
  const access = valueOf(await open({ ...COMMAND, reason: `  ${REASON}\n` }));
  assert.equal(valueOf(await consents.emergencies(ADA)), [access]);
  assert.equal([access.clinician, access.reason], [DOC, REASON]);
  assert.equal(
    told.map(({ owner, event }) => [owner, event.type, event.subject]),
    [[ADA, 'access.emergency', access.accessId]],
  );
  assert.equal(
    mails.map(({ owner, to, subject }) => [owner, to, subject]),
    [[ADA, 'ada@example.org', 'Your data were opened in an emergency']],
  );
  for (const line of mails[0]?.text.split('\n') ?? []) assert.ok(line.length <= 76, line);
  const text = JSON.stringify([told, mails]);
  for (const kept of [DOC, 'unconscious']) assert.not.match(text, kept);
});

test('a reason of a few words and one to 240 minutes are needed; otherwise nothing is opened and nobody told', async () => {
  const { open, told, consents } = emergency();
  for (const [change, pointer] of [
    [{ reason: `why${' '.repeat(40)}` }, '/reason'],
    [{ reason: 'x'.repeat(501) }, '/reason'],
    [{ forMs: 0 }, '/minutes'],
    [{ forMs: -1 }, '/minutes'],
    [{ forMs: Number.NaN }, '/minutes'],
    [{ forMs: 240 * 60_000 + 1 }, '/minutes'],
  ] as const) {
    const error = errorOf(await open({ ...COMMAND, ...change }));
    assert.equal(error.kind === 'input-rejected' && error.issues.map((issue) => issue.pointer), [pointer]);
  }
  assert.equal(errorOf(await open({ ...COMMAND, patient: userId('nobody') })), {
    kind: 'not-found',
    resource: 'patient',
    id: 'nobody',
  });
  assert.equal([valueOf(await consents.emergencies(ADA)), told], [[], []]);
});

test('what was not written down opens nothing', async () => {
  const { consents, ...world } = emergency();
  const down = portUnavailable('ConsentStore', 'insertEmergency', 'planted');
  const open = breakGlass({ ...world, consents: { insertEmergency: () => errAsync(down) } });
  assert.equal(errorOf(await open(COMMAND)), down);
  assert.equal(errorOf(await mayReadPatient({ ...world, consents })(CLINICIAN, ADA, 'insights')).kind, 'not-found');
  assert.equal(world.told, []);
});

test.run();
