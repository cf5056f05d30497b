import { errAsync, type ResultAsync } from 'neverthrow';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { InsightPage } from './model.ts';
import type { InsightRange, InsightStore } from './ports.ts';

/** A page of a person's insights, newest first, for that person only: the list of anybody else is `not-found`. */
export function listInsights(ports: { readonly insights: Pick<InsightStore, 'list'> }) {
  return (command: {
    readonly caller: UserId;
    readonly owner: UserId;
    readonly range: InsightRange;
  }): ResultAsync<InsightPage, NotFound | PortUnavailable> =>
    command.caller === command.owner
      ? ports.insights.list(command.owner, command.range)
      : errAsync(notFound('user', command.owner));
}
