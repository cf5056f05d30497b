import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { shapeOf } from '../../contracts/codec.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { unzipped } from '../unit/archive/archive-world.ts';
import type { Caller } from '../e2e/operations.ts';
import type { Answered } from './ask.ts';
import { filledCall, TABLE } from './filled-call.ts';
import { idsFor, markOf } from './possessions.ts';
import { OVER_OTHERS, type TwoUsers } from './two-users.ts';

/** Ways to claim to be the owner that a service might believe: none is a part of the contract. */
const claims = ({ userId, email }: Caller) => ({
  headers: Object.fromEntries(
    ['x-user-id', 'x-user', 'x-forwarded-user', 'x-forwarded-email', 'x-auth-request-user', 'x-original-user'].map(
      (name) => [name, name.endsWith('email') ? email : userId],
    ),
  ),
  query: ['user_id', 'owner', 'patient_id', 'user', 'sub', 'on_behalf_of'].map((name) => [name, userId] as const),
});

/** The text of an answer, and of the files in it where it is an archive. */
async function wholeText({ headers, bytes, text }: Answered): Promise<string> {
  if (headers.get('content-type') !== 'application/zip') return text;
  return [...(await unzipped(bytes))].map(([name, content]) => `${name}\n${content.toString()}`).join('\n');
}

const cursorOf = ({ text }: Answered): string | undefined => /"next_cursor":"([^"]+)"/.exec(text)?.[1];

const withQuery = (where: string, more: Iterable<readonly [string, string]>): string => {
  const url = new URL(where, 'http://host.invalid');
  for (const [name, value] of more) url.searchParams.append(name, value);
  return `${url.pathname}${url.search}`;
};

const canPage = ({ query }: RouteDefinition): boolean =>
  query !== undefined && Object.hasOwn(shapeOf(query)?.optional ?? {}, 'cursor');

/**
 * Reads everything that can be read, as others in every role: as they would, as somebody who claims in the query and in
 * headers to be the owner, and from the place where the owner's own pages go on. Fails where anything of the owner is
 * told; and where the owner themselves is told nothing, since then it would show nothing. Answers how many were read.
 */
export async function strangersReadNothing(users: TwoUsers): Promise<number> {
  const { ask, owner, others } = users;
  const secrets = [...Object.values(users.owned), owner.email, markOf(owner)];
  const told: string[] = [];
  let answers = 0;
  for (const [id, route] of TABLE) {
    if (route.method !== 'GET' || OVER_OTHERS.has(route.auth) || /\{(?:slug|room_id)\}/.test(route.path)) continue;
    const own = filledCall(id, route, { pseudonym: 'none', ...idsFor(route, users.own) });
    const limited = canPage(route) && Object.hasOwn(shapeOf(route.query!)?.optional ?? {}, 'limit');
    const asOwner = filledCall(id, route, { ...idsFor(route, users.owned), ...(limited ? { limit: '1' } : {}) });
    const owners = await ask({ ...asOwner, token: owner.accessToken });
    if (secrets.some((secret) => owners.text.includes(secret))) told.push(id);
    const cursor = cursorOf(owners);
    const { headers, query } = claims(owner);
    for (const { accessToken: token } of Object.values(others)) {
      const calls = [
        own,
        { ...own, where: withQuery(own.where, query), headers },
        ...(cursor === undefined ? [] : [{ ...own, where: withQuery(own.where, [['cursor', cursor]]) }]),
      ];
      for (const call of calls) {
        const answer = await ask({ ...call, token });
        const text = await wholeText(answer);
        for (const secret of secrets) assert.not(text.includes(secret), `${id} told ${secret}: ${text.slice(0, 2000)}`);
        answers++;
      }
    }
  }
  assert.ok(told.length > 10, `the owner was told of themselves by ${told.join(', ')} only`);
  return answers;
}

/** Sends what the owner has sent, under the owner's own Idempotency-Key. Answers on how many routes. */
export async function keysAreTheirOwners(users: TwoUsers): Promise<number> {
  const { ask, owner, others } = users;
  let routes = 0;
  for (const [id, route] of TABLE) {
    if (route.idempotency !== 'key' || route.body?.kind === 'file' || !/-own-data$/.test(route.auth)) continue;
    const headers = { 'idempotency-key': randomUUID() };
    const { user_id: user = '' } = users.owned;
    const call = {
      ...filledCall(id, route, { ...idsFor(route, users.owned), grantee: others.clinician.userId }),
      headers,
    };
    const first = await ask({ ...call, token: owner.accessToken });
    const second = await ask({ ...call, token: others.patient.accessToken });
    assert.is(second.headers.get('idempotency-replayed'), null, id);
    assert.not(second.text.replaceAll(call.where, '').includes(user), `${id}: ${second.text}`);
    const again = await ask({ ...call, token: owner.accessToken });
    if (first.status < 300) assert.is(again.headers.get('idempotency-replayed'), 'true', `${id}: ${again.text}`);
    routes++;
  }
  return routes;
}
