import type { ContainerModule } from 'inversify';
import { AuditTrail } from '../../core/audit/audit-trail.ts';
import type { AuditPseudonyms } from '../../core/audit/ports.ts';
import { rememberingPseudonyms } from '../../core/audit/pseudonyms.ts';
import type { RecordEventPorts } from '../../core/audit/record-event.ts';
import { writeDown, type WriteDown } from '../../core/audit/write-down.ts';
import { token, TOKENS } from './tokens.ts';
import { graphModule } from './typed-container.ts';

/** What writes down who did what. Of each there is one a process. */
export const AUDIT_TOKENS = {
  trail: token<AuditTrail>('AuditTrail'),
  pseudonyms: token<AuditPseudonyms>('RememberingPseudonyms'),
  recording: token<RecordEventPorts>('AuditRecording'),
  writeDown: token<WriteDown>('WriteDown'),
} as const;

export const auditModule = (): ContainerModule =>
  graphModule((bind) => {
    bind(
      AUDIT_TOKENS.trail,
      (get) =>
        new AuditTrail({
          auditStore: get(TOKENS.auditStore),
          signer: get(TOKENS.headSigner),
          digest: get(TOKENS.digest),
        }),
    );
    bind(AUDIT_TOKENS.pseudonyms, (get) => rememberingPseudonyms(get(TOKENS.auditPseudonyms)));
    bind(AUDIT_TOKENS.recording, (get) => ({
      auditTrail: get(AUDIT_TOKENS.trail),
      auditPseudonyms: get(AUDIT_TOKENS.pseudonyms),
      erasedOwners: get(TOKENS.erasedOwners),
      digest: get(TOKENS.digest),
      clock: get(TOKENS.clock),
      ids: get(TOKENS.ids),
    }));
    bind(AUDIT_TOKENS.writeDown, (get) => writeDown(get(AUDIT_TOKENS.recording)));
  });
