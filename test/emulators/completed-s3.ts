import { createHash } from 'node:crypto';
import type { PassingAnswer, PassingRequest, Passage } from './proxy.ts';

/**
 * What S3 does and fauxqs does not, done on the way to it: conditional writes, SHA-256 checksums that are held to, kept
 * and told, and the list of unfinished multipart uploads. Where a fuller service is given the tests speak to it directly.
 */
export function completedS3(): Passage {
  const checksums = new Map<string, string>();
  const unfinished = new Map<string, string>();
  const busy = new Map<string, Promise<unknown>>();
  return (request, forward) => {
    const url = new URL(request.url, 'http://s3');
    const path = url.pathname;
    const upload = url.searchParams.get('uploadId');
    const given = header(request, 'x-amz-checksum-sha256');
    const isPut = request.method === 'PUT';
    if (isPut && given !== null && given !== createHash('sha256').update(request.body).digest('base64')) {
      return Promise.resolve(refusal(400, 'BadDigest'));
    }
    if (request.method === 'GET' && url.searchParams.has('uploads')) {
      return Promise.resolve(listOf(path, url.searchParams.get('prefix') ?? '', unfinished));
    }
    const pass = async (): Promise<PassingAnswer> => {
      const [ifMatch, ifNoneMatch] = [header(request, 'if-match'), header(request, 'if-none-match')];
      if (isPut && (ifMatch !== null || ifNoneMatch !== null)) {
        const { status, headers } = await forward({ method: 'HEAD', url: path, headers: {}, body: Buffer.alloc(0) });
        if (ifNoneMatch === '*' && status === 200) return refusal(412, 'PreconditionFailed');
        if (ifMatch !== null && status === 404) return refusal(404, 'NoSuchKey');
        if (ifMatch !== null && headers.etag !== ifMatch) return refusal(412, 'PreconditionFailed');
      }
      const answer = await forward(
        // With their checksums fauxqs does not see the parts that an upload is completed from.
        request.method === 'POST' && upload !== null ? { ...request, body: withoutChecksums(request.body) } : request,
      );
      if (answer.status >= 300) return answer;
      if (request.method === 'POST' && url.searchParams.has('uploads')) {
        const [, id = ''] = /<UploadId>(.*)<\/UploadId>/.exec(answer.body.toString()) ?? [];
        unfinished.set(id, path);
      } else if (upload !== null && request.method !== 'PUT') unfinished.delete(upload);
      if (isPut && upload === null) {
        if (given === null) checksums.delete(path);
        else checksums.set(path, given);
      }
      const kept = request.method === 'HEAD' ? checksums.get(path) : isPut ? given : null;
      return kept == null ? answer : { ...answer, headers: { ...answer.headers, 'x-amz-checksum-sha256': kept } };
    };
    // Writes of a key follow each other, so that nothing comes between a condition and its write.
    if (!isPut) return pass();
    const passed = (busy.get(path) ?? Promise.resolve()).then(pass, pass);
    busy.set(path, passed);
    return passed;
  };
}

const header = ({ headers }: PassingRequest, name: string): string | null => {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
};

const withoutChecksums = (body: Buffer): Buffer =>
  Buffer.from(body.toString().replaceAll(/<Checksum(\w+)>[^<]*<\/Checksum\1>/g, ''));

const xml = (status: number, body: string): PassingAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${body}`),
});

const refusal = (status: number, code: string): PassingAnswer =>
  xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);

function listOf(path: string, prefix: string, unfinished: ReadonlyMap<string, string>): PassingAnswer {
  const bucket = path.replace(/\/$/, '');
  const uploads = [...unfinished]
    .filter(([, at]) => at.startsWith(`${bucket}/`))
    .map(([id, at]) => ({ id, key: decodeURIComponent(at.slice(bucket.length + 1)) }))
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ id, key }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
  return xml(
    200,
    `<ListMultipartUploadsResult><Bucket>${bucket.slice(1)}</Bucket><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
  );
}
