import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ResponseDefinition, RouteDefinition, ServerSentEvent } from '../../../contracts/route.ts';
import { ExportInterrupted } from '../../../core/archive/export-pages.ts';
import { PAGE_POLICY } from './headers.ts';

/** Any reply of any route; the route's definition says which of the members there are. */
interface AnyReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly events?: AsyncIterable<ServerSentEvent>;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The media type of a success that the definition describes; null for one without a body. */
export function mediaTypeOfResponse(definition: ResponseDefinition): string | null {
  switch (definition.kind) {
    case 'json':
      return JSON_TYPE;
    case 'text':
    case 'stream':
      return definition.mediaType;
    case 'events':
      return 'text/event-stream';
    case 'empty':
      return null;
  }
}

/** A reply whose whole content is at hand. */
export interface WholeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly mediaType: string | null;
  readonly content: string;
}

/** The reply as it goes over the wire, or null where its content is made while it is sent. */
export function wholeReply(route: RouteDefinition, reply: unknown): WholeReply | null {
  const { status, headers = {}, body, text, stream, events } = reply as AnyReply;
  if (stream !== undefined || events !== undefined) return null;
  const definition = route.responses[status];
  const mediaType = definition === undefined ? JSON_TYPE : mediaTypeOfResponse(definition);
  const content = text ?? (mediaType === null ? '' : JSON.stringify(body));
  return { status, headers, mediaType, content };
}

/** Sends a whole reply; with an ETag, and as 304 where the client has it already, when the route is conditional. */
export function sendWhole(request: Request, response: Response, route: RouteDefinition, reply: WholeReply): void {
  const { status, headers, mediaType, content } = reply;
  response.status(status);
  if (mediaType?.startsWith('text/html') === true) response.set('Content-Security-Policy', PAGE_POLICY);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (mediaType === null) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', mediaType);
  if (route.conditional === 'etag' && status === 200) {
    const tag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
    // Weak, because the same content may be sent compressed or not.
    response.set('ETag', `W/${tag}`);
    if (names(request.headers['if-none-match'], tag)) {
      response.removeHeader('Content-Type');
      response.status(304).end();
      return;
    }
  }
  // Express's own `send` would work out anew what is known here.
  response.setHeader('Content-Length', Buffer.byteLength(content));
  response.end(request.method === 'HEAD' ? undefined : content);
}

/**
 * Whether If-None-Match (RFC 9110, section 13.1.2) names the tag, or anything at all. Express's own `fresh` is not asked: it
 * takes `Cache-Control: no-cache`, which browsers' fetch adds by itself, for a wish to get everything again.
 */
const names = (ifNoneMatch: string | undefined, tag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(',').some((given) => ['*', tag].includes(given.trim().replace(/^W\//, '')));

/** Sends a reply whose content is made while it is sent. Ends when all is sent or the client has gone. */
export async function sendWhileMade(request: Request, response: Response, reply: unknown, route: RouteDefinition) {
  const { status, headers = {}, stream, events } = reply as AnyReply;
  const definition = route.responses[status];
  response
    .status(status)
    .set(headers)
    .set('Content-Type', definition === undefined ? JSON_TYPE : (mediaTypeOfResponse(definition) ?? JSON_TYPE));
  // A proxy that gathers a stream before it passes it on would keep events from their reader.
  if (events !== undefined) response.set('X-Accel-Buffering', 'no');
  response.flushHeaders();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const content = events === undefined ? (stream ?? none()) : eventLines(events);
  try {
    for await (const chunk of content) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drainedOrGone(response);
    }
    response.end();
    await finished(response);
  } catch (cause) {
    // A cut stream must not look like a whole one: the connection breaks instead of ending.
    const wasGone = response.destroyed;
    // A store that does not answer is an outage and no bug; the answer has begun, so only the log can be told.
    const outage = cause instanceof ExportInterrupted ? cause.fault : null;
    if (outage !== null) response.locals['error'] = outage;
    response.destroy();
    if (!wasGone && outage === null) throw cause;
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function drainedOrGone(response: Response): Promise<void> {
  const settled = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: settled.signal }),
      once(response, 'close', { signal: settled.signal }),
    ]);
  } finally {
    settled.abort();
  }
}

/** The lines of server-sent events (WHATWG HTML, section 9.2). */
async function* eventLines(events: AsyncIterable<ServerSentEvent>): AsyncGenerator<string> {
  for await (const { id, event, data, comment, retryMs } of events) {
    const lines = [
      ...(comment === undefined ? [] : [`: ${comment}`]),
      ...(retryMs === undefined ? [] : [`retry: ${String(retryMs)}`]),
      ...(id === null ? [] : [`id: ${id}`]),
      ...(event === null ? [] : [`event: ${event}`, `data: ${JSON.stringify(data)}`]),
    ];
    yield `${lines.join('\n')}\n\n`;
  }
}
