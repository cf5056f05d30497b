import type { RouteDefinition } from '../../contracts/route.ts';
import { filledBody } from './filled-body.ts';
import type { Markers } from './markers.ts';

/** One request with markers wherever a client may put something of a person's. */
export interface MarkedCall {
  readonly what: string;
  /** Whether it asks the most of what is behind the service: such calls are made again while that fails. */
  readonly isDeep: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
}

/** Who calls. */
export interface MarkedPerson {
  readonly id: string;
  readonly token: string;
}

/** An Apple export of one sample, from a device with somebody's name. */
const exportFile = (markers: Markers): string =>
  `<?xml version="1.0"?>\n<HealthData locale="en_${markers.mark('locale')}">
 <ExportDate value="2025-01-07 09:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="${markers.mark('birth')}"/>
 <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="${markers.mark('exportsource')}" device="&lt;&lt;HKDevice: 0x1&gt;, name:${markers.mark('exportdevice')}, hardware:${markers.mark('hardware')}&gt;" unit="count/min" startDate="2025-01-06 08:00:00 +0100" endDate="2025-01-06 08:00:00 +0100" value="61"/>
</HealthData>\n`;

function formOf(markers: Markers): FormData {
  const form = new FormData();
  form.set('timezone', 'UTC');
  form.set(markers.mark('formfield'), markers.mark('formvalue'));
  form.set('file', new Blob([exportFile(markers)]), `${markers.mark('filename')}.xml`);
  return form;
}

/** A route called well and in every wrong way that a client is likely to find. */
export function markedCalls(
  route: RouteDefinition,
  { id, token }: MarkedPerson,
  markers: Markers,
): readonly MarkedCall[] {
  const { method, body } = route;
  const usual = {
    authorization: `Bearer ${token}`,
    'user-agent': markers.mark('useragent'),
    'x-request-id': markers.mark('requestid'),
    'idempotency-key': markers.mark('idempotencykey'),
    cookie: `session=${markers.mark('cookie')}`,
    referer: `https://example.org/${markers.mark('referer')}`,
    'x-forwarded-for': markers.mark('forwarded'),
    'if-none-match': `"${markers.mark('etag')}"`,
    'last-event-id': markers.mark('eventid'),
    traceparent: markers.mark('traceparent'),
  };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'user_id' ? id : '00000000-0000-4000-8000-000000000000',
  );
  const elsewhere = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => markers.mark(`param${name}`));
  const query = `?${markers.mark('queryname')}=${markers.mark('queryvalue')}&source=${markers.mark('source')}`;
  const json = { 'content-type': 'application/json' };
  const plain = { method, path, headers: usual, isDeep: false };
  const call = (what: string, rest: Partial<MarkedCall> = {}): MarkedCall => Object.assign({ what }, plain, rest);
  const astray = [
    call('by a method that it has not', { method: 'PATCH', path: `${elsewhere}${query}` }),
    call('with a slash too many', { path: `${elsewhere}/${query}` }),
    call('of a path that is none', { path: `/${markers.mark('nopath')}${elsewhere}%E0%A4%A${query}` }),
  ];
  const bare = [
    call('as it should be called, without a body', { isDeep: body === undefined }),
    call('with an unknown query', { path: `${path}${query}` }),
    call('of things that are not there', { path: `${elsewhere}${query}` }),
    call('with a token that is none', {
      headers: { ...usual, authorization: `Bearer ${markers.mark('token')}` },
      path: elsewhere,
    }),
    call('with a password in the place of a token', {
      headers: { ...usual, authorization: `Basic ${Buffer.from(`ada:${markers.mark('basic')}`).toString('base64')}` },
    }),
    // The same handlers for all paths: asked where there is more than a fixed path to tell.
    ...(route.path.includes('{') ? astray : []),
  ];
  if (body === undefined) return bare;
  if (body.kind === 'file') {
    const raw = {
      ...usual,
      'content-type': body.mediaTypes.find((type) => !type.startsWith('multipart')) ?? 'text/plain',
    };
    return [
      ...bare,
      call('with a form', { body: formOf(markers), isDeep: true }),
      call('with a file', { headers: raw, body: exportFile(markers) }),
      call('with a broken file', { headers: raw, body: `${exportFile(markers).slice(0, -40)}<${markers.mark('tag')}` }),
      call('with a form that is none', {
        headers: { ...usual, 'content-type': 'multipart/form-data' },
        body: markers.mark('form'),
      }),
    ];
  }
  const filled = filledBody(body.codec, body.example, markers) as Record<string, unknown>;
  const good = JSON.stringify({ ...filled, ...(Object.hasOwn(filled, 'user_id') ? { user_id: id } : {}) });
  const example = body.example as Record<string, unknown> | undefined;
  const asInTheExample = JSON.stringify({
    ...filled,
    ...example,
    ...(Object.hasOwn(filled, 'user_id') ? { user_id: id } : {}),
  });
  const wrong = JSON.stringify(
    Object.fromEntries(
      Object.keys(filled).map((name) => [name, { [markers.mark('wrongkey')]: markers.mark(`wrong${name}`) }]),
    ),
  );
  const headers = { ...usual, ...json };
  const other = { ...headers, 'idempotency-key': markers.mark('otherkey') };
  return [
    ...bare,
    call('with a marker in every text', { headers, body: good, isDeep: true }),
    call('with the same once more', { headers, body: good }),
    call('with what the example says', { headers: other, body: asInTheExample, isDeep: true }),
    call('with texts in the place of others', { headers: other, body: wrong }),
    call('with what it does not know', {
      headers: other,
      body: JSON.stringify({ [markers.mark('unknown')]: markers.mark('unknownvalue') }),
    }),
    call('with JSON that breaks off', { headers: other, body: good.slice(0, -2) }),
    call('with JSON that is none', { headers: other, body: `{"note": ${markers.mark('notjson')}}` }),
    call('with a text', { headers: { ...usual, 'content-type': 'text/plain' }, body: good }),
    call('with JSON said to be compressed', { headers: { ...headers, 'content-encoding': 'gzip' }, body: good }),
  ];
}
