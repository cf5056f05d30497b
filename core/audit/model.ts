import type { EpochMs } from '../kernel/clock.ts';

declare const brand: unique symbol;

/**
 * Stands for one person in the audit log: random, so that nothing of the person is in it. Only `AuditPseudonyms` knows whose
 * it is, and forgets it with the person; what was done stays in the log, and belongs to nobody any more.
 */
export type Pseudonym = string & { readonly [brand]: 'Pseudonym' };

export const pseudonym = (text: string): Pseudonym => text as Pseudonym;

/** Whether the text has the form of one; ids of people have not. */
export const isPseudonym = (text: string): text is Pseudonym => /^p_[0-9a-f]{32}$/.test(text);

/** Of a random UUID. The prefix keeps it apart from the names of those who are no persons. */
export const pseudonymOfUuid = (uuid: string): Pseudonym => pseudonym(`p_${uuid.replaceAll('-', '')}`);

/** What can be done with personal data. */
export const AUDIT_ACTIONS = [
  'create',
  'read',
  'update',
  'delete',
  'export',
  'import',
  'erase',
  'analyze',
  'register',
  'login',
  'logout',
  'change-credentials',
  'reseal',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** `system`: the installation itself, such as its jobs. `operator`: whoever works on its command line. */
export type AuditAgent = 'system' | 'operator';
export type AuditActor = Pseudonym | AuditAgent;

/** Whether it is no person who acts; pseudonyms and ids of people are none of these names. */
export const isAgent = (actor: string | null): actor is AuditAgent => actor === 'system' || actor === 'operator';

/** `refused`: for a reason that lies in the request. `failed`: for one that lies in the service. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/**
 * Something that was done, or tried, with personal data. It holds nothing of the data, of the request or of the person: no
 * content, address, name, token or id.
 */
export interface AuditEvent {
  readonly id: string;
  readonly atMs: EpochMs;
  /** Null where nobody had to say who they are, and it did not turn out. */
  readonly actor: AuditActor | null;
  /** The roles that the actor had. */
  readonly actorRoles: readonly string[];
  /**
   * Whose will the actor acted on, where it was somebody else's: that of the patient who has consented, or of the owner of a
   * job. Null for what somebody does for themselves, and for what nobody has agreed to, such as an emergency access.
   */
  readonly onBehalfOf: Pseudonym | null;
  readonly action: AuditAction;
  /** What was called: an operation of the HTTP contract, a socket, a job or a command. */
  readonly operation: string;
  /** Whose data it was; null where that is not known. */
  readonly subject: Pseudonym | null;
  readonly dataTypes: readonly string[];
  readonly outcome: AuditOutcome;
  /** The slug of the problem that was answered; null where it was done. */
  readonly problem: string | null;
  readonly requestId: string;
}

/** `YYYY-MM-DD`, in UTC. */
export type AuditDay = string;

/** A place in the log. */
export interface AuditPlace {
  readonly day: AuditDay;
  /** In the day, from 1. */
  readonly number: number;
}

/** An entry as it is kept. */
export interface StoredEntry extends AuditPlace {
  /** As the event says it; entries are found by it. */
  readonly subject: Pseudonym | null;
  /** The canonical text of the place, the previous entry's hash and the event (see `entryText`). */
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string;
}

/** What is known of a day from its entries: enough to tell whether one of them is missing, also the last. */
export interface DayHead {
  readonly day: AuditDay;
  /** How many entries the day has. */
  readonly count: number;
  /** The hash of the entry before the day's first one. */
  readonly previous: string;
  /** The hash of the day's last entry. */
  readonly hash: string;
  /** How many entries the whole log has up to here. */
  readonly total: number;
  /** `open`: the newest day, and so the end of the log; `closed`: another day has begun after it. */
  readonly state: 'open' | 'closed';
}

/** A head, and the proof that this installation has made it. */
export interface SignedHead extends DayHead {
  readonly keyId: string;
  /** Of `headText`; in base64url. */
  readonly signature: string;
}

/** Stands where the hash of an entry before the very first one would. */
export const BEFORE_ALL_ENTRIES = '0'.repeat(64);
