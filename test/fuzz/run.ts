import { wholeFaultMatrix } from './faults.ts';
import { fuzzHdf5 } from './hdf5.ts';
import { fuzzAll, fuzzBodies, fuzzHttp, fuzzSocketFrames } from './security.ts';
import { fuzzStore } from './store.ts';

const MUTATIONS = 10_000;

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`"${text}" is not a whole number`);
  return value;
};

/** Each takes its arguments and answers what the last line tells besides its name. */
const FUZZES: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  hdf5: async ([mutations, seed]) => ({
    result: await fuzzHdf5(wholeNumber(mutations ?? String(MUTATIONS)), wholeNumber(seed ?? '1')),
  }),
  store: fuzzStore,
  faults: wholeFaultMatrix,
  bodies: fuzzBodies,
  http: fuzzHttp,
  frames: fuzzSocketFrames,
  security: fuzzAll,
};

// `npm run fuzz -- NAME [arguments]` runs one fuzz and prints its result as one JSON object in the last line. Without a name
// it tries all that strangers can send.
const [name = 'security', ...args] = process.argv.slice(2);
const run = Object.hasOwn(FUZZES, name) ? FUZZES[name] : undefined;
if (run === undefined) {
  process.stderr.write(`usage: npm run fuzz -- ${Object.keys(FUZZES).join('|')} [arguments]\n`);
  process.exitCode = 2;
} else {
  const result = await run(args);
  process.stdout.write(`${JSON.stringify({ fuzz: name, ...result })}\n`);
  const { divergences = 0, failures = 0 }: { readonly divergences?: unknown; readonly failures?: unknown } = result;
  if (divergences !== 0 || failures !== 0) process.exitCode = 1;
}
