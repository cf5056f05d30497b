import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { err, errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import type { IncomingFile } from './endpoint.ts';
import type { HttpError } from './endpoint-error.ts';
import { announcesMoreThan, mediaTypeOf } from './read-body.ts';

const FIELD = 'file';
const MOST_FIELDS = 10;
const LONGEST_FIELD_BYTES = 1024;

/**
 * Finds the uploaded file of a request: the form field `file` of a multipart body, or the body itself. The content is
 * handed on as a stream; nothing is buffered here.
 */
export function readFile(
  request: IncomingMessage,
  mediaTypes: readonly string[],
  limitBytes: number,
): ResultAsync<IncomingFile, HttpError | InputRejected> {
  const given = mediaTypeOf(request);
  if (!mediaTypes.includes(given)) {
    return errAsync({
      kind: 'unsupported-media-type',
      given: given === '' ? 'a body without content-type' : given,
      supported: mediaTypes,
    });
  }
  if (announcesMoreThan(request, limitBytes)) return errAsync({ kind: 'body-too-large', limitBytes });
  if (given !== 'multipart/form-data') {
    return okAsync({ content: request as AsyncIterable<Uint8Array>, fields: {} });
  }
  return ResultAsync.fromPromise(formFile(request), (): HttpError => ({ kind: 'client-gone' })).andThen(
    (found) => found,
  );
}

function formFile(request: IncomingMessage): Promise<Result<IncomingFile, InputRejected>> {
  return new Promise((resolve, reject) => {
    const refuse = (message: string, code: string): void => {
      resolve(err(inputRejected({ pointer: `/${FIELD}`, message, code })));
      request.unpipe();
      request.resume();
    };
    let form: InstanceType<typeof Busboy>;
    try {
      form = new Busboy({
        headers: request.headers as BusboyHeaders,
        limits: { files: 1, fields: MOST_FIELDS, fieldSize: LONGEST_FIELD_BYTES, parts: MOST_FIELDS + 1 },
      });
    } catch {
      refuse('the multipart body has no boundary', 'malformed_form');
      return;
    }
    const fields: Record<string, string> = {};
    let found = false;
    form.on('field', (name, value) => {
      if (typeof value === 'string') fields[name] = value;
    });
    form.on('file', (name, stream) => {
      if (name !== FIELD || found) {
        stream.resume();
        return;
      }
      found = true;
      request.once('aborted', () => stream.destroy(new Error('the client went away')));
      form.once('error', (cause) => stream.destroy(cause instanceof Error ? cause : new Error(String(cause))));
      resolve(ok({ content: stream as AsyncIterable<Uint8Array>, fields }));
    });
    form.once('finish', () => {
      if (!found) refuse(`the form has no file in the field "${FIELD}"`, 'missing');
    });
    form.once('error', () => {
      if (!found) refuse('the multipart body is malformed', 'malformed_form');
    });
    request.once('error', reject);
    request.pipe(form);
  });
}
