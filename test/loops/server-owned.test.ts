import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { issuesOf, MOST_ISSUES, shapeOf, tolerantItemsOf, type TolerantItems } from '../../contracts/codec.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { objectPlaces, withFreeForms, withMore } from './body-places.ts';
import { filledCall, propertyNames, TABLE } from './filled-call.ts';
import { idsFor, markOf } from './possessions.ts';
import { startForLoops, type ServiceForLoops } from './service-for-loops.ts';
import { twoUsers, whatTheOwnerReads, type TwoUsers } from './two-users.ts';

/** What the service says of things, it says by itself: nobody sets it by sending it along. */
const owned = suite('fields that belong to the service');

/** What services before this one, or others, have been told by their clients. */
const WELL_KNOWN =
  'id _id uid sub user userId user_id owner owner_id tenant role roles groups scope permissions is_admin isAdmin admin ' +
  'email_verified emailVerified verified disabled status state created_at createdAt updated_at deleted_at password ' +
  'password_hash token_use session_id __proto__ constructor prototype';

interface JsonRoute {
  readonly id: string;
  readonly route: RouteDefinition;
  readonly codec: t.Mixed;
  readonly body: unknown;
}

const VALUES = { user_id: 'u', metric_id: '00000000-0000-4000-8000-000000000000', processing_id: 'p' };
const GRANTEE = { grantee: '00000000-0000-4000-8000-000000000001' };

/** Every route with a JSON body, and one that it takes. */
const JSON_ROUTES: readonly JsonRoute[] = TABLE.flatMap(([id, route]) => {
  const { body } = route;
  if (body?.kind !== 'json') return [];
  const { json } = filledCall(id, { ...route, path: '/' }, { ...VALUES, ...GRANTEE });
  return [{ id, route, codec: body.codec, body: json }];
});

/** Every name that some answer has, and those that are known from elsewhere. */
const SERVER_OWNED: readonly string[] = [
  ...new Set([
    ...TABLE.flatMap(([, { responses }]) =>
      Object.values(responses).flatMap((answer) => (answer.kind === 'json' ? [...propertyNames(answer.codec)] : [])),
    ),
    ...WELL_KNOWN.split(' '),
  ]),
];

/** Where a body is refused; in a list that is read item by item, where its first item is. Null where nothing is. */
function refusedAt(codec: t.Mixed, body: unknown): readonly string[] | null {
  const result = codec.decode(body);
  if (E.isLeft(result)) return issuesOf(result.left).map(({ pointer }) => pointer);
  for (const [name, type] of Object.entries({ ...shapeOf(codec)?.required, ...shapeOf(codec)?.optional })) {
    if (tolerantItemsOf(type) === undefined) continue;
    const items = (result.right as Readonly<Record<string, TolerantItems<unknown> | undefined>>)[name];
    const first = items?.rejected[0];
    if (first !== undefined) return first.issues.map(({ pointer }) => `/${name}/${String(first.index)}${pointer}`);
  }
  return null;
}

owned('the bodies that are tried are taken as they are, and there is much to try', () => {
  for (const { id, codec, body } of JSON_ROUTES) assert.is(refusedAt(codec, body), null, id);
  assert.ok(JSON_ROUTES.length > 20 && SERVER_OWNED.length > 150, `${JSON_ROUTES.length} ${SERVER_OWNED.length}`);
});

owned('at every place of every body that is not the client’s own JSON, each of them is refused by its name', () => {
  let tried = 0;
  for (const { id, codec, body } of JSON_ROUTES) {
    for (const { pointer, path, known } of objectPlaces(codec, body)) {
      if (known === null) continue;
      for (const name of SERVER_OWNED) {
        if (known.has(name)) continue;
        const sent = withMore(body, path, { [name]: 'foreign' });
        assert.equal(refusedAt(codec, sent), [`${pointer}/${name}`], `${id} ${pointer}/${name}`);
        tried++;
      }
    }
  }
  assert.ok(tried > 3000, String(tried));
});

let service: ServiceForLoops;
let users: TwoUsers;
let everyRole: string;
owned.before(async () => {
  service = await startForLoops();
  users = await twoUsers(service);
  everyRole = (await service.newCaller(['patient', 'clinician', 'researcher', 'admin'])).accessToken;
});
owned.after(() => service.close());

owned('over HTTP they are refused, each by its place', async () => {
  for (const { id, route, codec, body } of JSON_ROUTES) {
    const own = propertyNamesAtTop(codec);
    const names = SERVER_OWNED.filter((name) => !own.has(name));
    const { where } = filledCall(id, route, idsFor(route, users.own));
    // As many at once as a refusal names.
    for (let from = 0; from < names.length; from += MOST_ISSUES) {
      const some = names.slice(from, from + MOST_ISSUES);
      const json = withMore(body, [], Object.fromEntries(some.map((name) => [name, users.owner.userId])));
      const { status, text } = await users.ask({ method: route.method, where, token: everyRole, json });
      assert.is(status, 422, `${id}: ${text.slice(0, 500)}`);
      const { errors } = JSON.parse(text) as { readonly errors: readonly { pointer: string; code: string }[] };
      assert.equal(
        errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
        some.map((name) => `/${name} unknown_property`).sort(),
        id,
      );
    }
  }
});

const propertyNamesAtTop = (codec: t.Mixed): ReadonlySet<string> =>
  new Set(Object.keys({ ...shapeOf(codec)?.required, ...shapeOf(codec)?.optional }));

owned('a body that names its owner names the caller, or is refused', async () => {
  let named = 0;
  for (const { id, route, codec } of JSON_ROUTES) {
    if (!propertyNamesAtTop(codec).has('user_id')) continue;
    const call = filledCall(id, route, { ...idsFor(route, users.own), user_id: users.owner.userId });
    const { status, text } = await users.ask({ ...call, token: users.others.patient.accessToken });
    assert.ok(status === 403 || status === 422, `${id}: ${text}`);
    assert.match(text, '"pointer":"/user_id"', id);
    named++;
  }
  assert.ok(named >= 2);
});

owned('in JSON that is the client’s own they mean nothing', async () => {
  const { ask, owner, others, own } = users;
  const { accessToken: token } = others.patient;
  const before = [await whatTheOwnerReads(users), await profileOf()] as const;
  const foreign = Object.fromEntries(SERVER_OWNED.map((name) => [name, owner.userId]));
  let places = 0;
  for (const { id, route, codec } of JSON_ROUTES) {
    if (route.auth === 'none' || !/-own-data$/.test(route.auth)) continue;
    const values = { ...idsFor(route, own), grantee: others.clinician.userId };
    // An insight is of an analysis, or of numbers that the client has.
    const numbers = id === 'generateInsight' ? { json: { analysis_results: { sleep_efficiency: 82.4 } } } : {};
    const plain = { ...filledCall(id, route, values), ...numbers };
    // A reading that is sent twice would be told of as such: this is another one.
    const full = withFreeForms(codec, { ...filledCall(id, route, values), ...numbers }.json);
    const free = objectPlaces(codec, full).filter(({ known }) => known === null);
    if (free.length === 0) continue;
    const json = free.reduce((body, { path }) => withMore(body, path, foreign), full);
    const expected = await ask({ ...plain, token });
    const { status, text } = await ask({ ...plain, json, token });
    assert.is(status, expected.status, `${id}: ${text.slice(0, 500)}`);
    places += free.length;
  }
  assert.ok(places >= 6, String(places));
  assert.equal([await whatTheOwnerReads(users), await profileOf()], before);
  const list = await ask({ method: 'GET', where: '/api/v1/health-data', token });
  assert.not(list.text.includes(markOf(owner)));

  async function profileOf(): Promise<string> {
    return (await ask({ method: 'GET', where: '/api/v1/auth/me', token })).text;
  }
});

owned.run();
