import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { isKnownPlace } from './known-places.ts';
import { markedCalls, type MarkedCall, type MarkedPerson } from './marked-calls.ts';
import { startMarked, type MarkedService } from './marked-service.ts';
import { newMarkers, type Markers } from './markers.ts';
import { told } from './search-places.ts';

const canaries = suite('markers in everything that a client may send');

/** An answer that does not end by itself. */
const ENDLESS = new Set(['/api/v1/events']);

async function send({ url }: MarkedService, { method, path: where, headers, body }: MarkedCall): Promise<number> {
  const answer = await fetch(`${url}${where}`, {
    method,
    headers,
    redirect: 'manual',
    ...(method === 'GET' || body === undefined ? {} : { body }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Somebody with markers for a name, an address and a password. */
async function newPerson({ url }: MarkedService, markers: Markers, number: number): Promise<MarkedPerson> {
  const registered = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `${markers.mark('address')}.${number}@example.org`,
      password: `Aa7-${markers.mark('password')}`,
      display_name: markers.mark('displayname'),
    }),
  });
  if (registered.status !== 201) throw new Error(await registered.text());
  const { access_token: token } = (await registered.json()) as { readonly access_token: string };
  const me = await fetch(`${url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } });
  return { token, id: ((await me.json()) as { readonly user_id: string }).user_id };
}

/** A socket that is sent frames with markers, well made and otherwise, and is closed after the answer to the last. */
async function talk({ url }: MarkedService, { id, token }: MarkedPerson, markers: Markers): Promise<void> {
  const points = { data_points: [{ timestamp: '2025-01-06T08:00:00Z', value: 1 }], steps: markers.mark('steps') };
  const frames = [
    {
      type: 'message',
      content: markers.mark('message'),
      metadata: { note: markers.mark('framemetadata') },
      username: markers.mark('username'),
    },
    { type: 'typing', is_typing: true, username: markers.mark('username') },
    { type: 'health_insight', content: points },
    { type: 'health_data', data: points },
    { type: markers.mark('frametype') },
  ].map((frame) => JSON.stringify(frame));
  for (const where of [`/api/v1/ws/${markers.mark('room')}`, `/api/v1/ws/health-analysis/${id}`]) {
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}${where}?token=${token}&note=${markers.mark('socketquery')}`,
    );
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => {
        for (const frame of [...frames, `{"note":"${markers.mark('brokenframe')}`]) socket.send(frame);
      });
      socket.on('message', (data: Buffer) => {
        if (data.toString().includes('INVALID_JSON')) socket.close();
      });
      socket.once('close', () => {
        resolve();
      });
      socket.once('error', reject);
    });
  }
  const refused = new WebSocket(
    `${url.replace('http', 'ws')}/api/v1/ws/${markers.mark('room')}?token=${markers.mark('token')}`,
  );
  await new Promise((resolve) => refused.once('close', resolve));
}

canaries(
  'are in no log, no metrics and no temporary file, and in the data folder only where it is documented',
  async () => {
    const markers = newMarkers();
    const service = await startMarked(markers);
    const statuses = new Map<number, number>();
    let calls = 0;
    try {
      const reader = await newPerson(service, markers, 0);
      for (const route of Object.values<RouteDefinition>(ROUTES)) {
        const person = await newPerson(service, markers, calls + 1);
        for (const call of markedCalls(route, person, markers)) {
          for (const mood of call.isDeep ? (['sound', 'away', 'broken'] as const) : (['sound'] as const)) {
            if (call.isDeep && ENDLESS.has(route.path) && mood === 'sound') continue;
            service.setMood(mood);
            const status = await send(service, call);
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            calls += 1;
          }
        }
        service.setMood('sound');
      }
      await talk(service, reader, markers);
      console.log(
        `${calls} calls: ${[...statuses]
          .sort(([a], [b]) => a - b)
          .map(([status, count]) => `${status} x ${count}`)
          .join(', ')}`,
      );
      for (const status of [200, 201, 202, 307, 400, 401, 403, 404, 405, 415, 422, 500, 503]) {
        assert.ok((statuses.get(status) ?? 0) > 0, `some call was answered ${status}`);
      }
      assert.ok(service.logged.length > calls, 'every call was logged');
      const hits = await service.search(reader.token);
      assert.equal(told(hits.filter((hit) => !isKnownPlace(hit))), [], `the markers were made of ${markers.stem}`);
      assert.ok(hits.some(isKnownPlace), 'the search looks into the data folder');
    } finally {
      await service.close();
    }
  },
);

canaries('are found in a log, a temporary file, a file of the data folder and a row that got them', async () => {
  const markers = newMarkers();
  const service = await startMarked(markers);
  try {
    const reader = await newPerson(service, markers, 0);
    service.logged.push(`{"msg":"${markers.mark('planted')}"}\n`);
    await writeFile(path.join(service.temporary, 'upload-1'), markers.mark('planted'));
    await appendFile(path.join(service.dataDir, 'planted.bin'), Buffer.from(markers.mark('planted'), 'utf16le'));
    const created = await send(service, {
      what: 'an upload with a label',
      isDeep: false,
      method: 'POST',
      path: '/api/v1/health-data',
      headers: { authorization: `Bearer ${reader.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        user_id: reader.id,
        upload_source: markers.mark('planted'),
        client_timestamp: '2025-01-06T08:00:00Z',
        metrics: [
          { metric_type: 'heart_rate', biometric_data: { heart_rate: 61 }, created_at: '2025-01-06T08:00:00Z' },
        ],
      }),
    });
    assert.is(created, 201);
    const places = new Set(
      (await service.search(reader.token)).filter((hit) => !isKnownPlace(hit)).map(({ place }) => place),
    );
    for (const place of ['log', 'temporary upload-1', 'planted.bin', 'upload.content', 'metric.upload_source']) {
      assert.ok(places.has(place), `found in ${place}: ${[...places].join(', ')}`);
    }
  } finally {
    await service.close();
  }
});

canaries.run();
