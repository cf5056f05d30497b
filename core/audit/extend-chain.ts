import { err, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { Digest } from '../kernel/digest.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { auditDayOf, headText, storedEntry } from './entry-text.ts';
import { BEFORE_ALL_ENTRIES, type AuditEvent, type DayHead, type SignedHead, type StoredEntry } from './model.ts';
import type { HeadSigner, LogExtension } from './ports.ts';

export interface ChainPorts {
  readonly signer: HeadSigner;
  readonly digest: Digest;
}

/** What a first entry follows on. */
const NOTHING: Pick<DayHead, 'hash' | 'total'> = { hash: BEFORE_ALL_ENTRIES, total: 0 };

/**
 * Events as the next entries of the log, and the heads over them. They all go into one day: that of the first event, or the
 * log's last one where that is later, since clocks of several processes need not agree and a day that was closed stays
 * closed. There must be at least one event.
 */
export function extensionOf(ports: ChainPorts) {
  return (end: SignedHead | null, events: readonly AuditEvent[]): ResultAsync<LogExtension, PortUnavailable> => {
    const { hash, total } = end ?? NOTHING;
    const wanted = auditDayOf(events[0]?.atMs ?? 0);
    const goesOn = end !== null && wanted <= end.day;
    const day = goesOn ? end.day : wanted;
    const before = goesOn ? end.count : 0;
    const entries: StoredEntry[] = [];
    let previous = hash;
    for (const [i, event] of events.entries()) {
      const entry = storedEntry(ports.digest, { day, number: before + i + 1 }, previous, event);
      entries.push(entry);
      previous = entry.hash;
    }
    const head: DayHead = {
      day,
      count: before + events.length,
      previous: goesOn ? end.previous : hash,
      hash: previous,
      total: total + events.length,
      state: 'open',
    };
    const closing =
      end === null || goesOn
        ? okAsync<SignedHead | null, PortUnavailable>(null)
        : signed(ports, { ...end, state: 'closed' });
    return closing.andThen((closed) =>
      signed(ports, head).map((newEnd) => ({ after: end?.hash ?? null, entries, closed, end: newEnd })),
    );
  };
}

const signed = ({ signer }: ChainPorts, head: DayHead): ResultAsync<SignedHead, PortUnavailable> =>
  signer.sign(headText(head)).map((signature) => ({ ...head, ...signature }));

/**
 * The end that the log is said to have, where this installation has signed it. Nothing is written after one that it has not:
 * the next signature would be over what somebody else has made of the log.
 */
export const genuineEnd =
  ({ signer }: Pick<ChainPorts, 'signer'>) =>
  (end: SignedHead | null): ResultAsync<SignedHead | null, PortUnavailable> =>
    end === null
      ? okAsync(null)
      : signer
          .isGenuine(headText(end), end)
          .andThen((isGenuine): Result<SignedHead, PortUnavailable> =>
            isGenuine && end.state === 'open'
              ? ok(end)
              : err(
                  portUnavailable(
                    'AuditStore',
                    'end',
                    'the end of the audit log is not signed by this installation: run clarity audit verify',
                    false,
                  ),
                ),
          );
