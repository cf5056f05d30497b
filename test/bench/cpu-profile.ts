import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** What `node --cpu-prof` writes. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds on the clock of `process.hrtime`. */
  readonly startTime: number;
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Where the main thread of a process spent its time. */
export interface ProfileSummary {
  /** Share of the time in which the thread worked that went to decoding: codecs with all they call, and JSON.parse. */
  readonly decodingShare: number;
  /** Functions by the time spent in themselves, the most first, with their share of the time in which the thread worked. */
  readonly top: readonly { readonly name: string; readonly share: number }[];
}

/** Not work: waiting for something to do. */
const IDLE = '(idle)';

/** The codecs of the contract, and the place where bytes become JSON: the profiler books JSON.parse on its caller. */
const isDecoding = (url: string, functionName: string): boolean =>
  /\/contracts\/[^?]*\.(?:js|ts)$/.test(url) ||
  (functionName === 'parse' && url === '') ||
  (/\/hosts\/express\/http\/read-body\.(?:js|ts)$/.test(url) && /parse/i.test(functionName));

/** A stretch of time in microseconds on the clock of `process.hrtime`, which all processes of a machine share. */
export interface Stretch {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** Reads what the profile that the main thread of a process has left in the folder says of a stretch of time. */
export async function profileIn(folder: string, stretch: Stretch, topFunctions: number): Promise<ProfileSummary> {
  // CPU.<day>.<time>.<process>.<thread>.<number>.cpuprofile
  const file = (await readdir(folder)).find((name) => /\.0\.\d+\.cpuprofile$/.test(name));
  if (file === undefined) throw new Error(`no profile of a main thread in ${folder}`);
  const profile = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as CpuProfile;
  return summaryOf(profile, stretch, topFunctions);
}

function summaryOf(
  { nodes, samples, startTime, timeDeltas }: CpuProfile,
  { fromMicros, toMicros }: Stretch,
  topFunctions: number,
): ProfileSummary {
  const selfMicros = new Map<number, number>();
  let atMicros = startTime;
  samples.forEach((id, i) => {
    const tookMicros = timeDeltas[i] ?? 0;
    atMicros += tookMicros;
    if (atMicros < fromMicros || atMicros > toMicros) return;
    selfMicros.set(id, (selfMicros.get(id) ?? 0) + tookMicros);
  });
  const parentOf = new Map<number, number>();
  for (const { id, children } of nodes) for (const child of children ?? []) parentOf.set(child, id);
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  /** Whether the node, or anything that called it, decodes. */
  const decodes = (id: number): boolean => {
    for (let at: number | undefined = id; at !== undefined; at = parentOf.get(at)) {
      const { url, functionName } = nodeOf.get(at)!.callFrame;
      if (isDecoding(url, functionName)) return true;
    }
    return false;
  };
  let busyMicros = 0;
  let decodingMicros = 0;
  const byFunction = new Map<string, number>();
  for (const [id, micros] of selfMicros) {
    const { functionName, url, lineNumber } = nodeOf.get(id)!.callFrame;
    if (functionName === IDLE) continue;
    busyMicros += micros;
    if (decodes(id)) decodingMicros += micros;
    const place = url === '' ? '' : ` ${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
    const name = `${functionName === '' ? '(anonymous)' : functionName}${place}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + micros);
  }
  const top = [...byFunction]
    .sort(([, a], [, b]) => b - a)
    .slice(0, topFunctions)
    .map(([name, micros]) => ({ name, share: micros / busyMicros }));
  return { decodingShare: decodingMicros / busyMicros, top };
}
