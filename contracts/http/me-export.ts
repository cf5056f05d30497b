import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, oneOf } from '../scalars.ts';

const kindCounts = object('ImportedCounts', { added: t.number, already_there: t.number, set_aside: t.number });

const kinds = ['raw', 'uploads', 'metrics', 'samples', 'analyses', 'insights'] as const;

/** What became of an archive: how many pieces of each kind were added, were there already, or were set aside and why. */
export const ImportReceipt = object('ImportReceipt', {
  counts: object('ImportCounts', {
    raw: kindCounts,
    uploads: kindCounts,
    metrics: kindCounts,
    samples: kindCounts,
    analyses: kindCounts,
    insights: kindCounts,
  }),
  set_aside: list(
    object('ImportSetAside', {
      kind: oneOf(...kinds),
      code: t.string,
      message: t.string,
      count: t.number,
      first_at: t.string,
    }),
    { min: 0, max: 1000 },
  ),
});

const none = { added: 0, already_there: 0, set_aside: 0 };

export const meExportRoutes = routes({
  exportMe: {
    method: 'GET',
    path: '/api/v1/me/export',
    audit: {
      action: 'export',
      dataTypes: [
        'account',
        'uploads',
        'raw-files',
        'metrics',
        'samples',
        'analyses',
        'insights',
        'webhooks',
        'audit-log',
      ],
    },
    auth: 'read-own-data',
    duration: 'long',
    tag: 'Me',
    summary: 'Everything that is kept of the caller: a zip of NDJSON, raw files and FHIR R4, made while it is sent',
    responses: {
      200: {
        kind: 'stream',
        mediaType: 'application/zip',
        description:
          'A clarity.export/1 archive: README.txt says what each file is, manifest.json (the last one) tells sizes and ' +
          'SHA-256. Where something fails in the middle, the connection breaks; a zip without its end is not one.',
      },
    },
    problems: [],
  },
  importMe: {
    method: 'POST',
    path: '/api/v1/me/import',
    audit: { action: 'import', dataTypes: ['uploads', 'raw-files', 'metrics', 'samples', 'analyses', 'insights'] },
    auth: 'write-own-data',
    rateLimit: 'upload',
    idempotency: 'key',
    duration: 'long',
    tag: 'Me',
    feature: 'data',
    summary: 'Bring an export, anybody’s and of any installation, into the caller’s account; twice is the same as once',
    body: {
      kind: 'file',
      mediaTypes: ['multipart/form-data', 'application/zip', 'application/octet-stream'],
      description: 'A zip that GET /api/v1/me/export gave, as form field "file" or as the raw body.',
    },
    responses: {
      200: {
        kind: 'json',
        codec: ImportReceipt,
        description: 'What can be used is in the account; what the account had already is as it was.',
        example: {
          counts: {
            raw: { added: 1, already_there: 0, set_aside: 0 },
            uploads: { added: 1, already_there: 0, set_aside: 0 },
            metrics: { added: 41, already_there: 0, set_aside: 1 },
            samples: none,
            analyses: none,
            insights: none,
          },
          set_aside: [
            {
              kind: 'metrics',
              code: 'not-usable',
              message: 'metric_type is not one that is known',
              count: 1,
              first_at: 'metrics.ndjson, line 3',
            },
          ],
        },
      },
    },
    problems: [
      'validation-error',
      'payload-too-large',
      'unsupported-media-type',
      'unreadable-file',
      'storage-quota-exceeded',
    ],
  },
});
