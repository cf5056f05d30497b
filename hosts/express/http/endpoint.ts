import type { ResultAsync } from 'neverthrow';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf, RouteDefinition } from '../../../contracts/route.ts';
import type { Routes } from '../../../contracts/routes.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { Ids, UserId } from '../../../core/kernel/ids.ts';
import type { EndpointError } from './endpoint-error.ts';

/** An uploaded file, still streaming. */
export interface IncomingFile {
  readonly content: AsyncIterable<Uint8Array>;
  /** Text fields that came before the file in a multipart form. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A request after the route's codecs: everything in it has been checked. */
export interface EndpointRequest<R extends RouteDefinition> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  /** The caller; on routes without authentication it must not be asked for. */
  readonly principal: R['auth'] extends 'none' ? null : Principal;
  /** The JSON body as it came, byte for byte. */
  readonly rawBody: Uint8Array;
  /** The uploaded file of a route whose body is a file. */
  readonly file: R extends { body: { kind: 'file' } } ? IncomingFile : null;
  readonly bearerToken: string | null;
  /** Where the call comes from, by what the trusted proxies say; an IPv6 network is one address. */
  readonly clientAddress: string;
  /** Scheme, host and path as the client sees them, for links. */
  readonly origin: string;
  readonly url: URL;
  /** Aborted when the client has gone without waiting for the answer, or the call's time is over. */
  readonly cancelled: AbortSignal;
  /**
   * Where this call's new ids and its "now" come from. An attempt to repeat a call that carries an idempotency key gets
   * the ids and the instant of the first attempt, so that doing it again has the effect of doing it once.
   */
  readonly ids: Ids;
  readonly clock: Clock;
  /**
   * Says to the audit log whose data the call is about, where the path does not name them, and on whose behalf it reads them:
   * somebody's who has agreed to it, or nobody's.
   */
  readonly concerns: (subject: UserId, onBehalfOf?: UserId | null) => void;
  /** Of the `X-Request-ID` header. */
  readonly requestId: string;
  /** A request header by its lower-case name. */
  readonly header: (name: string) => string | null;
}

/** What an endpoint does: the one place where the wire and the core meet. */
export type Endpoint<R extends RouteDefinition> = (
  request: EndpointRequest<R>,
) => ResultAsync<ReplyOf<R>, EndpointError>;

/** An endpoint for every route; one that is missing does not compile. */
export type Endpoints = { readonly [Id in keyof Routes]: Endpoint<Routes[Id]> };
