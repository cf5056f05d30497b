import { okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { entryContent } from './entry-text.ts';
import type { AuditEvent, AuditPlace, Pseudonym } from './model.ts';
import type { AuditPseudonyms, AuditStore } from './ports.ts';

export interface ReadOwnLogPorts {
  readonly auditStore: Pick<AuditStore, 'about'>;
  readonly auditPseudonyms: Pick<AuditPseudonyms, 'known'>;
}

/** An event about somebody, and where it is in the log. */
export interface PlacedEvent extends AuditPlace {
  readonly event: AuditEvent;
}

export interface OwnLogPage {
  /** The pseudonym of whoever reads; null where the log knows nothing of them. */
  readonly self: Pseudonym | null;
  /** The newest first. */
  readonly events: readonly PlacedEvent[];
  /** Where the next page goes on; null where there is none. */
  readonly next: AuditPlace | null;
}

/** What was done with a person's data, by whom. An entry that cannot be read any more is left out; `verifyAudit` finds it. */
export function readOwnLog({ auditStore, auditPseudonyms }: ReadOwnLogPorts) {
  return (
    owner: UserId,
    page: { readonly before: AuditPlace | null; readonly limit: number },
  ): ResultAsync<OwnLogPage, PortUnavailable> =>
    auditPseudonyms.known(owner).andThen((self) => {
      if (self === null) return okAsync<OwnLogPage, PortUnavailable>({ self, events: [], next: null });
      return auditStore.about(self, page.before, page.limit + 1).map((found): OwnLogPage => {
        const shown = found.slice(0, page.limit);
        const last = shown.at(-1);
        const events = shown.flatMap(({ day, number, text }) => {
          const content = entryContent(text);
          return content === null ? [] : [{ day, number, event: content.event }];
        });
        const hasNext = found.length > shown.length && last !== undefined;
        return { self, events, next: hasNext ? { day: last.day, number: last.number } : null };
      });
    });
}
