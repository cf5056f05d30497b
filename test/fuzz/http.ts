import type { RouteDefinition } from '../../contracts/route.ts';
import type { ServiceForLoops } from '../loops/service-for-loops.ts';
import { possessionsOf } from '../loops/possessions.ts';
import { hostileBody, hostileCall, JSON_ROUTES, type Speaker } from './hostile-calls.ts';
import { rawCall, type RawAnswer, type RawCall } from './raw-call.ts';

/** What became of hostile calls. */
export interface CallFuzz {
  readonly cases: number;
  readonly failures: readonly string[];
  readonly longestMs: number;
  /** How often each status was answered; 0 where nothing was. */
  readonly statuses: Readonly<Record<number, number>>;
}

/** Somebody in every role, who has one of everything. */
export async function speakerAt(service: ServiceForLoops): Promise<Speaker> {
  const caller = await service.newCaller(['patient', 'clinician', 'researcher', 'admin']);
  return { token: caller.accessToken, ids: await possessionsOf(caller, service) };
}

const PORT_OF = /:(\d+)$/;
/** Calls under way at once. */
const LANES = 8;

/** Whether a service may answer so: not by a bug and not by an outage. 501 is what an installation does not offer. */
const isRight = ({ status, text }: RawAnswer, { isWhole }: RawCall): boolean =>
  status === 0 ? !isWhole : status < 500 || (status === 501 && text.includes('not-available-here')) || !isWhole;

/** Makes `count` calls, some at once; each is made of its number. */
async function callAll(
  service: ServiceForLoops,
  count: number,
  make: (number: number) => { readonly call: RawCall; readonly name: string },
): Promise<CallFuzz> {
  const port = Number(PORT_OF.exec(service.url)?.[1]);
  const failures: string[] = [];
  const statuses: Record<number, number> = {};
  let longestMs = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const { call, name } = make(number);
      const answer = await rawCall(port, call);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (call.isWhole) longestMs = Math.max(longestMs, answer.ms);
      if (!isRight(answer, call)) failures.push(`${name}: ${answer.text.slice(-400) || 'no answer'}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const { status } = await rawCall(port, {
    bytes: Buffer.from('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    isWhole: true,
  });
  if (status !== 200) failures.push(`the service is no longer healthy: ${String(status)}`);
  return { cases: count, failures, longestMs, statuses };
}

/** `each` hostile bodies to every route that reads one. */
export const fuzzBodiesOverHttp = (
  service: ServiceForLoops,
  speaker: Speaker,
  each: number,
  seed: number,
): Promise<CallFuzz> =>
  callAll(service, JSON_ROUTES.length * each, (number) => {
    const [id, route] = JSON_ROUTES[number % JSON_ROUTES.length] as [string, RouteDefinition];
    const which = Math.floor(number / JSON_ROUTES.length);
    const name = `${id}, body ${String(which)} of seed ${String(seed)}`;
    return { call: hostileBody(id, route, speaker, seed, which), name };
  });

/** Hostile methods, paths, queries and headers. */
export const fuzzCalls = (service: ServiceForLoops, speaker: Speaker, count: number, seed: number): Promise<CallFuzz> =>
  callAll(service, count, (number) => ({
    call: hostileCall(speaker, seed, number),
    name: `call ${String(number)} of seed ${String(seed)}`,
  }));
