import * as E from 'fp-ts/lib/Either.js';
import type { Mixed } from 'io-ts';
import type { Request } from 'express';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { issuesOf, shapeOf } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import type { EndpointRequest } from './endpoint.ts';
import type { HttpError } from './endpoint-error.ts';
import { readJson } from './read-body.ts';
import { readFile } from './read-file.ts';

/** What of a call comes from the route's codecs: everything in it has been checked. */
export type DecodedCall = Pick<EndpointRequest<RouteDefinition>, 'params' | 'query' | 'body' | 'rawBody' | 'file'>;

export interface BodyLimits {
  readonly jsonLimitBytes: number;
  readonly fileLimitBytes: number;
}

const NO_BODY = new Uint8Array();

/** Reads path, query and body by the route's codecs; a file's content stays unread. */
export function decodeCall(
  route: RouteDefinition,
  request: Request,
  limits: BodyLimits,
): ResultAsync<DecodedCall, HttpError | InputRejected> {
  const params = decode(route.params, request.params, 'path');
  if (E.isLeft(params)) return errAsync(params.left);
  const query = decode(route.query, knownQuery(route.query, request), 'query');
  if (E.isLeft(query)) return errAsync(query.left);
  // The codecs are those of the route, so what they give is what its types say.
  const call = (rest: {
    readonly body?: unknown;
    readonly rawBody?: Uint8Array;
    readonly file?: unknown;
  }): DecodedCall =>
    ({
      params: params.right,
      query: query.right,
      body: undefined,
      rawBody: NO_BODY,
      file: null,
      ...rest,
    }) as unknown as DecodedCall;
  const { body } = route;
  if (body === undefined) return okAsync(call({}));
  if (body.kind === 'file') {
    return readFile(request, body.mediaTypes, limits.fileLimitBytes).map((file) => call({ file }));
  }
  return readJson(request, limits.jsonLimitBytes).andThen(({ raw, value }) => {
    const given = value === undefined && body.optional === true ? {} : value;
    const decoded = decode(body.codec, given, 'body');
    return E.isLeft(decoded)
      ? errAsync<DecodedCall, HttpError | InputRejected>(decoded.left)
      : okAsync(call({ body: decoded.right, rawBody: raw }));
  });
}

/** Query parameters that the route knows; the first of a repeated one. */
function knownQuery(codec: Mixed | undefined, request: Request): Record<string, string> {
  const known: Record<string, string> = {};
  const start = request.originalUrl.indexOf('?');
  if (codec === undefined || start === -1) return known;
  const shape = shapeOf(codec);
  const asked = new URLSearchParams(request.originalUrl.slice(start));
  for (const name of Object.keys({ ...shape?.required, ...shape?.optional })) {
    const value = asked.get(name);
    if (value !== null) known[name] = value;
  }
  return known;
}

function decode(
  codec: Mixed | undefined,
  value: unknown,
  place: 'path' | 'query' | 'body',
): E.Either<InputRejected, unknown> {
  if (codec === undefined) return E.right({});
  const result = codec.decode(value);
  if (E.isRight(result)) return result;
  const prefix = place === 'body' ? '' : `/${place}`;
  return E.left(
    inputRejected(...issuesOf(result.left).map((issue) => ({ ...issue, pointer: `${prefix}${issue.pointer}` }))),
  );
}
