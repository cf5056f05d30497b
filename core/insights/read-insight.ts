import type { ResultAsync } from 'neverthrow';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Insight, InsightId } from './model.ts';
import type { InsightStore } from './ports.ts';

/** An insight of the owner's; somebody else's is `not-found`, as is one that never was. */
export function readInsight(ports: { readonly insights: Pick<InsightStore, 'get'> }) {
  return (command: {
    readonly owner: UserId;
    readonly insight: InsightId;
  }): ResultAsync<Insight, NotFound | PortUnavailable> => ports.insights.get(command.owner, command.insight);
}
