import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { entryContent } from '../../core/audit/entry-text.ts';
import type { AuditEvent, AuditPlace } from '../../core/audit/model.ts';
import type { AuditStore } from '../../core/audit/ports.ts';
import { valueOf } from '../unit/result-values.ts';

/** A call as it was made, and the id that the service answered it under. */
export interface MadeCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestId: string;
}

/** Keeps, of every call that is made of a service from now on, what it was; to be stopped in the end. */
export function keepCalls(): { readonly calls: (url: string) => readonly MadeCall[]; readonly stop: () => void } {
  const platformFetch = globalThis.fetch;
  const made: (MadeCall & { readonly origin: string })[] = [];
  globalThis.fetch = async (input, init) => {
    const response = await platformFetch(input, init);
    const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
    const { status, headers } = response;
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    made.push({ method, origin, path: pathname, status, requestId: headers.get('x-request-id') ?? '' });
    return response;
  };
  return {
    calls: (url) => made.filter(({ origin }) => origin === url),
    stop: () => {
      globalThis.fetch = platformFetch;
    },
  };
}

const TABLE = Object.entries(ROUTES as Readonly<Record<string, RouteDefinition>>).map(([id, route]) => ({
  id,
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** The operation that answers the call: of two, the one whose path says more. */
const operationOf = ({ method, path }: MadeCall) =>
  TABLE.filter(({ route, pattern }) => route.method === method && pattern.test(path)).sort(
    (a, b) => a.route.path.split('{').length - b.route.path.split('{').length,
  )[0];

const PAGE = 500;

async function allEvents(auditStore: AuditStore): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  let before: AuditPlace | null = null;
  for (;;) {
    const page: Awaited<ReturnType<AuditStore['newest']>> = await auditStore.newest(before, PAGE);
    const entries = valueOf(page);
    events.push(...entries.flatMap(({ text }) => entryContent(text)?.event ?? []));
    const last = entries.at(-1);
    if (last === undefined) return events;
    before = last;
  }
}

const outcomeOf = (status: number): AuditEvent['outcome'] =>
  status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';

/**
 * Every call that the table says is audited is in the log once, as what it was and with what came of it, and there is nothing
 * in the log but these calls and what the installation did by itself. Answers how many calls there were of how many operations.
 */
export async function assertWrittenOnce(auditStore: AuditStore, calls: readonly MadeCall[]) {
  const events = new Map<string, AuditEvent[]>();
  for (const event of await allEvents(auditStore)) {
    events.set(event.requestId, [...(events.get(event.requestId) ?? []), event]);
  }
  const operations = new Set<string>();
  for (const call of calls) {
    const operation = operationOf(call);
    const written = events.get(call.requestId) ?? [];
    events.delete(call.requestId);
    const said = JSON.stringify(call);
    // Whoever shows no token that is good is turned away at the door.
    const isTurnedAway = call.status === 401 && operation?.route.auth !== 'none';
    if (operation === undefined || operation.route.audit === 'none' || isTurnedAway) {
      assert.equal(written, [], said);
      continue;
    }
    const { id, route } = operation;
    const { action, dataTypes } = route.audit as Exclude<RouteDefinition['audit'], 'none'>;
    assert.equal(
      written.map((event) => [event.operation, event.action, event.dataTypes, event.outcome]),
      [[id, action, dataTypes, outcomeOf(call.status)]],
      said,
    );
    operations.add(id);
  }
  const others = [...events.values()].flat().filter(({ actor }) => actor !== 'system');
  assert.equal(others, [], 'nothing else was written down');
  return { calls: calls.length, operations: operations.size };
}
