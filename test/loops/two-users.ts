import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import type { PermissionName } from '../../contracts/permissions.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import type { Caller, ServiceUnderTest } from '../e2e/operations.ts';
import { askerOf, type Answered, type Ask } from './ask.ts';
import { filledCall, idsOf, TABLE, type Values } from './filled-call.ts';
import { absentLike, idsFor, markOf, possessionsOf } from './possessions.ts';

/** Whose holders are there to look after other people’s things: others are told nothing, holders are not tried. */
export const OVER_OTHERS: ReadonlySet<RouteDefinition['auth']> = new Set<PermissionName>([
  'break-glass',
  'manage-users',
  'manage-jobs',
  'read-audit-log',
]);

/** What is named like an id and belongs to nobody, and why. */
const OF_NOBODY: Readonly<Record<string, string>> = {
  slug: 'the kinds of problems are public',
  room_id: 'whoever knows the name of a room may enter it',
  device_id: 'what the client calls its device',
  last_event_id: 'a place in the caller’s own events',
};

/** Headers that say how often somebody has called, and when. */
const DIFFERING_HEADERS = /^(?:date|ratelimit-.*)$/;
/** Ids and times that an answer tells because the call has just made something. */
const JUST_MADE =
  /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00|W?"[\w-]{20,}"/g;

/** Somebody with the token that speaks for them. */
type Asker = Pick<Caller, 'accessToken' | 'userId'>;

/** Two people who have nothing to do with each other, the other one in every role, and what both have. */
export interface TwoUsers {
  readonly ask: Ask;
  readonly owner: Caller;
  readonly owned: Values;
  readonly others: Readonly<Record<'patient' | 'clinician' | 'researcher', Caller>>;
  /** What the other patient has. */
  readonly own: Values;
}

export async function twoUsers(service: ServiceUnderTest): Promise<TwoUsers> {
  const [owner, patient] = [await service.newCaller(), await service.newCaller()];
  const owned = await possessionsOf(owner, service);
  const own = await possessionsOf(patient, service);
  const clinician = await service.newCaller(['clinician']);
  const researcher = await service.newCaller(['researcher']);
  return { ask: askerOf(service.url), owner, owned, own, others: { patient, clinician, researcher } };
}

/** Who asks for somebody else's: a patient, and who would be allowed to if the owner had agreed. */
function askersFor({ auth }: RouteDefinition, { others }: TwoUsers): readonly Asker[] {
  if (auth === 'read-patient-data') return [others.patient, others.clinician];
  if (auth === 'read-anonymized-data') return [others.patient, others.researcher];
  return [others.patient];
}

/** One id may be in another one. */
const longestFirst = (a: string, b: string): number => b.length - a.length;

/** An answer without what tells nothing about the id. */
function comparable({ status, headers, text }: Answered, ids: readonly string[]) {
  const plain = (said: string): string => {
    const unnamed = ids.reduce((left, id) => left.replaceAll(id, '<id>'), said);
    return status < 300 ? unnamed.replaceAll(JUST_MADE, '<made>') : unnamed;
  };
  const told = [...headers].filter(([name]) => !DIFFERING_HEADERS.test(name));
  return { status, headers: told.map(([name, value]) => `${name}: ${plain(value)}`), text: plain(text) };
}

/** How much was compared. */
export interface ComparedIds {
  readonly routes: number;
  readonly pairs: number;
}

/**
 * Asks for everything of the owner's on every route as somebody else, and for what nobody has in the same place. Fails
 * where the two answers differ by a byte, where one tells anything of the owner, and where the owner's data are not as
 * they were.
 */
export async function foreignReadsAsAbsent(users: TwoUsers): Promise<ComparedIds> {
  const { ask } = users;
  const before = await whatTheOwnerReads(users);
  const compared = { routes: 0, pairs: 0 };
  for (const [id, route] of TABLE) {
    const [owned, own] = [idsFor(route, users.owned), idsFor(route, users.own)];
    const names = [...idsOf(route).keys()].filter((name) => !Object.hasOwn(OF_NOBODY, name));
    if (names.length > 0) compared.routes++;
    for (const name of names) {
      const foreign = owned[name] ?? (OVER_OTHERS.has(route.auth) ? randomUUID() : undefined);
      if (foreign === undefined) throw new Error(`${id}: nothing is known that could be its ${name}`);
      const absent = absentLike(foreign);
      const nothing = Object.fromEntries(names.map((each) => [each, absentLike(owned[each] ?? randomUUID())]));
      for (const rest of names.length === 1 ? [own] : [owned, own, nothing]) {
        for (const { accessToken: token } of askersFor(route, users)) {
          const answer = async (value: string): Promise<Answered> =>
            ask({ ...filledCall(id, route, { ...nothing, ...rest, [name]: value }), token });
          const answers = [await answer(foreign), await answer(absent)] as const;
          // A path that names the owner says so in the problem's `instance`, as the caller did.
          const ids = [...Object.values(owned), ...Object.values(nothing), foreign, absent].sort(longestFirst);
          const [told, expected] = answers.map((each) => comparable(each, ids));
          assert.equal(told, expected, `${id}: another person's ${name} is told from an absent one`);
          assert.ok(answers[0].status < 500 || answers[0].status === 501, `${id}: ${answers[0].text}`);
          for (const { text } of answers) assert.not(text.includes(markOf(users.owner)), `${id}: ${text}`);
          compared.pairs++;
        }
      }
    }
  }
  for (const [id, text] of await whatTheOwnerReads(users)) {
    assert.is(text, before.get(id), `${id}: what belongs to the owner was changed by somebody else`);
  }
  return compared;
}

/** What the owner's own answers tell about calls, and not about what is kept. */
const OF_CALLS = new Set(['listAuditLog', 'exportMe', 'streamEvents', 'listSessions']);

const OF_THE_ANSWER = /"(?:timestamp|request_id)":"[^"]*"/g;

/** What the owner reads of themselves. Where that is nothing, comparing it would show nothing: it fails. */
export async function whatTheOwnerReads({ ask, owner, owned: all }: TwoUsers): Promise<ReadonlyMap<string, string>> {
  const read = new Map<string, string>();
  for (const [id, route] of TABLE) {
    if (route.method !== 'GET' || route.auth !== 'read-own-data' || route.audit === 'none' || OF_CALLS.has(id))
      continue;
    const owned = idsFor(route, all);
    const names = [...idsOf(route).keys()];
    const isOwned = names.length > 0 && names.every((name) => Object.hasOwn(owned, name));
    if (!isOwned && route.path.includes('{')) continue;
    const { status, text } = await ask({ ...filledCall(id, route, isOwned ? owned : {}), token: owner.accessToken });
    assert.is(status, 200, `${id}: ${text}`);
    read.set(id, text.replaceAll(OF_THE_ANSWER, ''));
  }
  assert.ok([...read.values()].some((text) => text.includes(markOf(owner))));
  return read;
}
