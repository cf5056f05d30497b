import { errAsync, type ResultAsync } from 'neverthrow';
import type { IdentityProvider } from '../auth/identity-ports.ts';
import type { MailLater } from '../auth/mail-ports.ts';
import type { TellOwner } from '../events/tell-owner.ts';
import type { Clock } from '../kernel/clock.ts';
import { inputRejected, notFound, type InputRejected, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import { emergencyMail } from './emergency-mail.ts';
import { LONGEST_EMERGENCY_MS, LONGEST_REASON, SHORTEST_REASON, type EmergencyAccess } from './model.ts';
import type { ConsentStore } from './ports.ts';

export interface BreakGlassPorts {
  readonly consents: Pick<ConsentStore, 'insertEmergency'>;
  readonly identities: Pick<IdentityProvider, 'profile'>;
  readonly tell: TellOwner;
  readonly mailLater: MailLater;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface BreakGlassCommand {
  readonly clinician: UserId;
  readonly patient: UserId;
  readonly reason: string;
  readonly forMs: number;
}

/**
 * Opens a patient's data to a clinician in an emergency, for a few hours. The access is written down before anything can
 * be read, and the patient is told: by mail and by an event, which name neither the clinician nor the reason because both leave
 * for other servers, and by the list of accesses to their data, which does.
 */
export function breakGlass(ports: BreakGlassPorts) {
  return (command: BreakGlassCommand): ResultAsync<EmergencyAccess, InputRejected | NotFound | PortUnavailable> => {
    const { clinician, patient, forMs } = command;
    const reason = command.reason.trim();
    if (reason.length < SHORTEST_REASON || reason.length > LONGEST_REASON) {
      return errAsync(
        inputRejected({
          pointer: '/reason',
          message: `must have ${String(SHORTEST_REASON)} to ${String(LONGEST_REASON)} characters; the patient will read it`,
          code: 'invalid',
        }),
      );
    }
    if (!(forMs > 0 && forMs <= LONGEST_EMERGENCY_MS)) {
      return errAsync(
        inputRejected({
          pointer: '/minutes',
          message: `must be 1 to ${String(LONGEST_EMERGENCY_MS / MS_PER_MINUTE)}`,
          code: 'invalid',
        }),
      );
    }
    const openedAtMs = ports.clock.now();
    const access: EmergencyAccess = {
      patient,
      accessId: ports.ids.uuid(),
      clinician,
      reason,
      openedAtMs,
      endsAtMs: openedAtMs + forMs,
    };
    return ports.identities
      .profile(patient)
      .mapErr((error) => (error.kind === 'port-unavailable' ? error : notFound('patient', patient)))
      .andThrough(() => ports.consents.insertEmergency(access))
      .andThen(({ email }) => {
        if (email !== null) {
          ports.mailLater({ owner: patient, to: email, ...emergencyMail(openedAtMs, access.endsAtMs) });
        }
        return ports.tell(patient, {
          type: 'access.emergency',
          atMs: openedAtMs,
          upload: null,
          subject: access.accessId,
          data: { ends_at: new Date(access.endsAtMs).toISOString() },
        });
      })
      .map(() => access);
  };
}
