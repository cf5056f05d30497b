import { err, errAsync, ok, type Result } from 'neverthrow';
import type { TokenVerifier } from '../../../core/auth/token-ports.ts';
import { readEventId, type EventId } from '../../../core/events/model.ts';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import type { EventStreams } from '../events/event-streams.ts';
import type { Endpoints } from '../http/endpoint.ts';

export interface EventEndpointDeps {
  readonly streams: EventStreams;
  readonly tokens: TokenVerifier;
}

/** Streams of events. */
export function eventEndpoints({ streams, tokens }: EventEndpointDeps): Pick<Endpoints, 'streamEvents'> {
  return {
    streamEvents: ({ query, principal, bearerToken, cancelled, header }) => {
      const after = placeOf(header('last-event-id'), query.last_event_id ?? null);
      if (after.isErr()) return errAsync(after.error);
      return streams
        .open({
          owner: principal.userId,
          after: after.value,
          types: query.types ?? null,
          endsAtMs: principal.expiresAtMs,
          verify: () => tokens.verify(bearerToken ?? '', 'read'),
          cancelled,
        })
        .map((events) => ({ status: 200, events }));
    },
  };
}

/** The header wins: a browser sends it by itself when it connects again, to a URL that names an older place. */
function placeOf(inHeader: string | null, inQuery: string | null): Result<EventId | null, InputRejected> {
  const given = inHeader === null || inHeader === '' ? inQuery : inHeader;
  if (given === null) return ok(null);
  const id = readEventId(given);
  const pointer = given === inHeader ? '/header/Last-Event-ID' : '/query/last_event_id';
  const message = 'expected the id of an event, as the stream sent it';
  return id === null ? err(inputRejected({ pointer, message, code: 'invalid' })) : ok(id);
}
