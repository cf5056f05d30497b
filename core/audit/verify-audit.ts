import { ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import type { Digest } from '../kernel/digest.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { ChainWalk, type AuditFault, type CheckedHead } from './chain-walk.ts';
import { headText } from './entry-text.ts';
import { BEFORE_ALL_ENTRIES, type AuditDay, type SignedHead } from './model.ts';
import type { AuditStore, HeadSigner } from './ports.ts';

export interface VerifyAuditPorts {
  readonly auditStore: Pick<AuditStore, 'end' | 'days' | 'entries'>;
  readonly signer: Pick<HeadSigner, 'isGenuine'>;
  readonly digest: Digest;
}

/** Which days are looked at, both included; null for no bound. */
export interface VerifiedSpan {
  readonly from: AuditDay | null;
  readonly to: AuditDay | null;
}

/** A day as it was found. */
export interface VerifiedDay {
  readonly day: AuditDay;
  /** Entries that are there. */
  readonly entries: number;
  /** The head that was found with it, genuine or not. */
  readonly head: SignedHead | null;
}

export interface AuditVerdict {
  readonly days: readonly VerifiedDay[];
  readonly entries: number;
  /** Empty where everything is as it was written. */
  readonly faults: readonly AuditFault[];
}

const PAGE = 500;

/** Below every number, also those that no entry ever gets. */
const BEFORE_EVERY_NUMBER = Number.MIN_SAFE_INTEGER;

/**
 * Walks over the log and names everything that was altered, removed, reordered or inserted, with its day and number; others
 * may write meanwhile. What it cannot tell: that the whole log, its end included, is as it was at an earlier time; for that
 * the heads that it answers are to be kept elsewhere.
 */
export function verifyAudit(ports: VerifyAuditPorts) {
  return ({ from, to }: VerifiedSpan): ResultAsync<AuditVerdict, PortUnavailable> =>
    safeTry(async function* () {
      const end = yield* ports.auditStore.end();
      const heads = new Map((yield* ports.auditStore.days()).map(({ day, head }) => [day, head]));
      // The newest day has no other head than the end; one that is said to be closed over it is of no account.
      if (end !== null) heads.set(end.day, end);
      const all = [...heads.keys()].sort();
      const some = all.filter((day) => (from === null || day >= from) && (to === null || day <= to));
      const isFromTheStart = some.length === 0 || some[0] === all[0];
      const walk = new ChainWalk(ports.digest, isFromTheStart ? { hash: BEFORE_ALL_ENTRIES, total: 0 } : null);
      const days: VerifiedDay[] = [];
      for (const day of some) {
        const head = heads.get(day) ?? null;
        const isNewest = day === end?.day;
        walk.beginDay(day, yield* checkedHead(ports, head), isNewest);
        days.push(yield* isNewest ? walkNewestDay(ports, walk, end) : walkClosedDay(ports, walk, day, head));
      }
      if (end === null && all.length > 0) walk.faults.push({ kind: 'end-missing' });
      return ok({ days, entries: days.reduce((sum, { entries }) => sum + entries, 0), faults: walk.faults });
    });
}

const checkedHead = (
  { signer }: VerifyAuditPorts,
  head: SignedHead | null,
): ResultAsync<CheckedHead | null, PortUnavailable> =>
  head === null ? okAsync(null) : signer.isGenuine(headText(head), head).map((isGenuine) => ({ head, isGenuine }));

const walkClosedDay = (
  ports: VerifyAuditPorts,
  walk: ChainWalk,
  day: AuditDay,
  head: SignedHead | null,
): ResultAsync<VerifiedDay, PortUnavailable> =>
  walkEntries(ports, walk, { day, after: BEFORE_EVERY_NUMBER, to: Infinity }).map((entries) => {
    walk.endDay();
    return { day, entries, head };
  });

/** The log may grow while it is read: entries after its end are followed to the end that it has by then. */
function walkNewestDay(
  ports: VerifyAuditPorts,
  walk: ChainWalk,
  end: SignedHead,
): ResultAsync<VerifiedDay, PortUnavailable> {
  const { day } = end;
  return safeTry(async function* () {
    let head = end;
    let entries = yield* walkEntries(ports, walk, { day, after: BEFORE_EVERY_NUMBER, to: head.count });
    for (;;) {
      const now = yield* ports.auditStore.end();
      const hasGrown = now !== null && now.day === day && now.count > head.count;
      if (hasGrown) {
        entries += yield* walkEntries(ports, walk, { day, after: head.count, to: now.count });
        head = now;
        continue;
      }
      // Another day has begun meanwhile: what follows here is the business of the next walk.
      if (now?.hash === head.hash) {
        entries += yield* walkEntries(ports, walk, { day, after: head.count, to: Infinity });
      }
      walk.endDay(yield* checkedHead(ports, head));
      return ok({ day, entries, head });
    }
  });
}

/** Answers how many entries there are with numbers above `after`, up to `to`. */
function walkEntries(
  { auditStore }: VerifyAuditPorts,
  walk: ChainWalk,
  { day, after, to }: { readonly day: AuditDay; readonly after: number; readonly to: number },
): ResultAsync<number, PortUnavailable> {
  return safeTry(async function* () {
    let count = 0;
    let last = after;
    for (;;) {
      const page = yield* auditStore.entries(day, last, PAGE);
      const wanted = page.filter(({ number }) => !(number > to));
      for (const entry of wanted) walk.entry(entry);
      count += wanted.length;
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE || wanted.length < page.length) return ok(count);
      last = end.number;
    }
  });
}

/** A head that was noted at an earlier time. */
export type NotedHead = Pick<SignedHead, 'day' | 'count' | 'hash'>;

/** Whether the log still has what it ended with when the head was noted: it was not put back to an earlier time. */
export const hasNotedHead = (
  { auditStore }: { readonly auditStore: Pick<AuditStore, 'entries'> },
  { day, count, hash }: NotedHead,
): ResultAsync<boolean, PortUnavailable> =>
  auditStore.entries(day, count - 1, 1).map(([entry]) => entry?.number === count && entry.hash === hash);
