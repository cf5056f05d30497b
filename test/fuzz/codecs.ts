import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { issuesOf, shapeOf } from '../../contracts/codec.ts';
import { SOCKETS } from '../../contracts/sockets.ts';
import { randomStream, type RandomStream } from '../../core/simulation/random.ts';
import { filledCall, QUERY_VALUES, TABLE } from '../loops/filled-call.ts';
import { mutatedJson, pick, randomJson, randomText } from './json-values.ts';

/** A codec that stands between the service and whoever calls it, and one value that it takes. */
export interface FuzzedCodec {
  readonly name: string;
  readonly codec: t.Mixed;
  readonly good: unknown;
  /** `json` takes anything; `texts` comes from a path or a query, in which everything is a text. */
  readonly kind: 'json' | 'texts';
}

const UUID = '5f0c7a52-8d3c-4c0b-9f5e-3a8f1f6f0c11';
const IDS = { user_id: UUID, metric_id: UUID, processing_id: UUID, grantee: UUID };
const READING = { timestamp: '2025-01-06T08:30:00+01:00', value: 12 };
const FRAMES: Readonly<Record<string, object>> = {
  message: { content: 'How am I?', metadata: { a: 1 } },
  typing: { is_typing: true },
  heartbeat: { client_timestamp: 1 },
  heartbeat_ack: { server_timestamp: 'now' },
  health_insight: { content: { data_points: [READING], timezone: 'UTC' } },
  health_data: { data: { data_points: [READING, READING], timezone: 'UTC' } },
};

/** Every body and every frame that somebody can send. */
export const bodyCodecs = (): readonly FuzzedCodec[] => [
  ...TABLE.flatMap(([id, route]): FuzzedCodec[] =>
    route.body?.kind === 'json'
      ? [{ name: id, codec: route.body.codec, good: filledCall(id, { ...route, path: '/' }, IDS).json, kind: 'json' }]
      : [],
  ),
  ...Object.entries(SOCKETS).flatMap(([socket, { clientFrames }]) =>
    Object.entries(clientFrames as Readonly<Record<string, t.Mixed>>).map(([type, codec]): FuzzedCodec => ({
      name: `${socket} ${type}`,
      codec,
      good: { type, ...FRAMES[type] },
      kind: 'json',
    })),
  ),
];

/** Every path and every query that is read. */
export const textCodecs = (): readonly FuzzedCodec[] =>
  TABLE.flatMap(([id, { params, query }]) =>
    [params, query].flatMap((codec): FuzzedCodec[] => {
      if (codec === undefined) return [];
      const shape = shapeOf(codec);
      const names = Object.keys({ ...shape?.required, ...shape?.optional });
      const good = Object.fromEntries(names.map((name) => [name, QUERY_VALUES[name] ?? UUID]));
      return [{ name: `${id} ${codec.name}`, codec, good, kind: 'texts' }];
    }),
  );

/** What is sent as the case of this number. */
export function hostileValue({ good, kind, name }: FuzzedCodec, seed: number, number: number): unknown {
  const random = randomStream(seed, name, number);
  if (kind === 'texts') return randomTexts(random, good as object);
  return random.chance(0.15) ? randomJson(random) : mutatedJson(random, good);
}

const randomTexts = (random: RandomStream, good: object): unknown =>
  Object.fromEntries(
    Object.entries(good).flatMap(([name, value]) =>
      random.chance(0.2) ? [] : [[name, random.chance(0.4) ? value : pick(random, [randomText(random), '1'])]],
    ),
  );

/** The most that a refusal may say for what was sent: it names places, and does not answer with more than it was asked. */
const MOST_ISSUES = 2000;

/** Whether a decoder took the value. Throws where it neither takes nor refuses it, or takes what it would refuse again. */
export function decoded({ codec }: FuzzedCodec, value: unknown): boolean {
  const result = codec.decode(value);
  if (E.isLeft(result)) {
    const issues = issuesOf(result.left);
    if (issues.length === 0 || issues.length > MOST_ISSUES) throw new Error(`${String(issues.length)} issues`);
    return false;
  }
  const again = codec.decode(codec.encode(result.right));
  if (E.isLeft(again))
    throw new Error(`what was taken is refused: ${JSON.stringify(issuesOf(again.left).slice(0, 3))}`);
  return true;
}

/** What became of the values. */
export interface CodecFuzz {
  readonly cases: number;
  readonly taken: number;
  readonly failures: readonly string[];
}

/** Decodes `each` hostile values by every codec; each depends on the seed, the codec and its number alone. */
export function fuzzCodecs(codecs: readonly FuzzedCodec[], each: number, seed: number): CodecFuzz {
  const failures: string[] = [];
  let taken = 0;
  for (const fuzzed of codecs) {
    for (let number = 0; number < each; number++) {
      try {
        if (decoded(fuzzed, hostileValue(fuzzed, seed, number))) taken++;
      } catch (cause) {
        failures.push(`${fuzzed.name}, case ${String(number)} of seed ${String(seed)}: ${String(cause).slice(0, 300)}`);
      }
    }
  }
  return { cases: codecs.length * each, taken, failures };
}
