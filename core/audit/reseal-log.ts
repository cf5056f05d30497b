import { err, ok, okAsync, type ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { isoDate, MS_PER_DAY, parseIsoDate } from '../kernel/local-time.ts';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { auditDayOf, headText } from './entry-text.ts';
import { extensionOf, type ChainPorts } from './extend-chain.ts';
import type { AuditDay, AuditEvent, SignedHead } from './model.ts';
import type { AuditStore, KnownDay } from './ports.ts';

export interface ResealLogPorts extends ChainPorts {
  readonly auditStore: AuditStore;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** `sound`: the end is signed by this installation, and nothing was done. `resealed`: the log goes on with this day. */
export type ResealOutcome = { readonly kind: 'sound' } | { readonly kind: 'resealed'; readonly day: AuditDay };

/**
 * Lets the log go on after its end was lost, or is not signed by this installation any more, such as after the loss of the
 * key. Nothing that is there is signed anew: the log goes on with a day of its own, whose first entry says what was done, and
 * which `verifyAudit` will name for ever. To be done by an operator who knows why.
 */
export function resealLog(ports: ResealLogPorts): ResultAsync<ResealOutcome, PortUnavailable> {
  const { auditStore } = ports;
  return auditStore.end().andThen((end) =>
    isSound(ports, end).andThen((sound): ResultAsync<ResealOutcome, PortUnavailable> => {
      if (sound) return okAsync({ kind: 'sound' });
      return auditStore.days().andThen((days) => goOn(ports, end, dayAfterAll(days, end, ports.clock.now())));
    }),
  );
}

/** A log that was never begun is sound as well. */
const isSound = (
  { signer, auditStore }: ResealLogPorts,
  end: SignedHead | null,
): ResultAsync<boolean, PortUnavailable> =>
  end === null
    ? auditStore.days().map((days) => days.length === 0)
    : signer.isGenuine(headText(end), end).map((isGenuine) => isGenuine && end.state === 'open');

/** Today, or the first day after all that there are. */
function dayAfterAll(days: readonly KnownDay[], end: SignedHead | null, nowMs: EpochMs): AuditDay {
  const known = [...days.map(({ day }) => day), ...(end === null ? [] : [end.day])].map(
    (day) => parseIsoDate(day) ?? 0,
  );
  return [auditDayOf(nowMs), isoDate(Math.max(0, ...known) + 1)].sort().at(-1) ?? auditDayOf(nowMs);
}

function goOn(
  ports: ResealLogPorts,
  end: SignedHead | null,
  day: AuditDay,
): ResultAsync<ResealOutcome, PortUnavailable> {
  const resealed: AuditEvent = {
    id: ports.ids.uuid(),
    // In the new day also where that is tomorrow.
    atMs: Math.max(ports.clock.now(), (parseIsoDate(day) ?? 0) * MS_PER_DAY),
    actor: 'operator',
    actorRoles: [],
    onBehalfOf: null,
    action: 'reseal',
    operation: 'clarity audit reseal',
    subject: null,
    dataTypes: ['audit-log'],
    outcome: 'done',
    problem: null,
    requestId: 'none',
  };
  return extensionOf(ports)(end, [resealed])
    .andThen((extension) => ports.auditStore.extend({ ...extension, closed: null }))
    .andThen((extended) =>
      extended
        ? ok({ kind: 'resealed' as const, day })
        : err(portUnavailable('AuditStore', 'extend', 'somebody else has changed the end meanwhile: stop the service')),
    );
}
