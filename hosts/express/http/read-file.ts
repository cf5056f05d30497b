import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { err, errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import type { IncomingFile } from './endpoint.ts';
import type { HttpError } from './endpoint-error.ts';
import { patiently } from './patient-content.ts';
import { announcesMoreThan, compressedBody, mediaTypeOf } from './read-body.ts';

const FIELD = 'file';
/** A client that sends nothing for so long while somebody waits for it is taken to be gone. */
const MOST_SILENCE_MS = 60_000;
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
  stalledMs = MOST_SILENCE_MS,
): ResultAsync<IncomingFile, HttpError | InputRejected> {
  const compressed = compressedBody(request);
  if (compressed !== null) return errAsync(compressed);
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
    return okAsync({ content: patiently(request, stalledMs), fields: {} });
  }
  return ResultAsync.fromPromise(formFile(request, stalledMs), (): HttpError => ({ kind: 'client-gone' })).andThen(
    (found) => found,
  );
}

function formFile(request: IncomingMessage, stalledMs: number): Promise<Result<IncomingFile, InputRejected>> {
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
    // What comes before the file is short.
    const silence = setTimeout(() => request.destroy(new Error('the client has stopped sending')), stalledMs);
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
      clearTimeout(silence);
      resolve(ok({ content: patiently(stream, stalledMs, request), fields }));
    });
    form.once('finish', () => {
      if (!found) refuse(`the form has no file in the field "${FIELD}"`, 'missing');
    });
    form.once('error', () => {
      if (!found) refuse('the multipart body is malformed', 'malformed_form');
    });
    request.once('close', () => {
      clearTimeout(silence);
    });
    request.once('error', reject);
    request.pipe(form);
  });
}
