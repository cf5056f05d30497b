import { startProxy, type PassingAnswer } from './proxy.ts';

/** What goes wrong on the wire. `no-answer`: the connection stays open and silent until the client gives up. */
export const WIRE_FAULTS = ['no-answer', 'server-error', 'throttle', 'reset', 'cut-body', 'garbage'] as const;
export type WireFaultKind = (typeof WIRE_FAULTS)[number];

export interface WireFault {
  readonly kind: WireFaultKind;
  /** Before the request reaches the service, or after, when only the answer is lost. */
  readonly moment: 'before' | 'after';
}

/** Of each kind two of the four: every moment and every reach, in turns. `npm run fuzz -- faults` tries all. */
export const WIRE_FAULT_CELLS = WIRE_FAULTS.flatMap((kind, i) =>
  (['before', 'after'] as const).flatMap((moment, j) =>
    (['first', 'all'] as const)
      .filter((_, k) => process.env['FAULT_CELLS'] === 'all' || (i + j + k) % 2 === 0)
      .map((reach) => ({ fault: { kind, moment } satisfies WireFault, reach })),
  ),
);

/** The services of which the proxy knows how they word their errors. */
export type FaultyService = 'dynamodb' | 's3' | 'sqs';

export interface FaultyProxy {
  readonly endpointUrl: string;
  /** From now on the first request, or every one, meets the fault; null: none does. */
  readonly arm: (fault: WireFault | null, reach: 'first' | 'all') => void;
  /** Requests that met a fault since the last `arm`. */
  readonly struck: () => number;
  readonly close: () => Promise<void>;
}

/** Stands before an emulator of a service and spoils what passes, as it is told. */
export async function startFaultyProxy(target: string, service: FaultyService): Promise<FaultyProxy> {
  let fault: WireFault | null = null;
  let reach: 'first' | 'all' = 'first';
  let struck = 0;
  const proxy = await startProxy(target, async (request, forward) => {
    if (fault === null || (reach === 'first' && struck > 0)) return forward(request);
    const { kind, moment } = fault;
    struck += 1;
    const answer = moment === 'after' ? await forward(request) : null;
    return spoilt(kind, service, answer);
  });
  return {
    endpointUrl: proxy.endpointUrl,
    arm: (next, nextReach) => {
      fault = next;
      reach = nextReach;
      struck = 0;
    },
    struck: () => struck,
    close: proxy.close,
  };
}

/** What the client gets in the place of the answer; null breaks the connection. */
function spoilt(
  kind: WireFaultKind,
  service: FaultyService,
  answer: PassingAnswer | null,
): Promise<PassingAnswer | null> | PassingAnswer | null {
  switch (kind) {
    case 'no-answer':
      return new Promise(() => undefined);
    case 'server-error':
      return errorOf(service, 503, 'ServiceUnavailable');
    case 'throttle':
      return THROTTLES[service];
    case 'reset':
      return null;
    case 'cut-body':
      // An answer without a body is cut before it is whole.
      return answer === null || answer.body.length < 2 ? null : { ...answer, cutAfter: answer.body.length >> 1 };
    case 'garbage':
      // Before the service it is a page of whatever stands in front of it; after it, bytes that were damaged.
      return answer === null
        ? { status: 502, headers: { 'content-type': 'text/html' }, body: PAGE }
        : { ...answer, headers: withoutChecksum(answer.headers), body: GARBAGE };
  }
}

const PAGE = Buffer.from('<html><body>502 Bad Gateway</body></html>');
const GARBAGE = Buffer.from('\u0000{"Attrib');

/** The checksum would tell of the damage before the parser does, and the service does not always send one. */
const withoutChecksum = ({ 'x-amz-crc32': _, ...headers }: PassingAnswer['headers']): PassingAnswer['headers'] =>
  headers;

const errorOf = (service: FaultyService, status: number, name: string): PassingAnswer =>
  service === 's3'
    ? {
        status,
        headers: { 'content-type': 'application/xml' },
        body: Buffer.from(
          `<?xml version="1.0"?><Error><Code>${name}</Code><Message>Reduce your rate.</Message></Error>`,
        ),
      }
    : {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: Buffer.from(JSON.stringify({ __type: `com.amazonaws#${name}`, message: 'Reduce your rate.' })),
      };

/** As the services word it: Amazon DynamoDB Developer Guide, Amazon S3 API Reference, Amazon SQS API Reference. */
const THROTTLES: Readonly<Record<FaultyService, PassingAnswer>> = {
  dynamodb: errorOf('dynamodb', 400, 'ProvisionedThroughputExceededException'),
  s3: errorOf('s3', 503, 'SlowDown'),
  sqs: errorOf('sqs', 400, 'RequestThrottled'),
};
