import { fuzzHdf5 } from './hdf5.ts';

const MUTATIONS = 10_000;

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`"${text}" is not a whole number`);
  return value;
};

const FUZZES: Readonly<Record<string, (mutations: number, seed: number) => Promise<unknown>>> = {
  hdf5: fuzzHdf5,
};

// `npm run fuzz -- NAME [mutations [seed]]` runs one fuzz and prints its result as one JSON object in the last line.
const [name = '', mutations, seed] = process.argv.slice(2);
const run = Object.hasOwn(FUZZES, name) ? FUZZES[name] : undefined;
if (run === undefined) {
  process.stderr.write(`usage: npm run fuzz -- ${Object.keys(FUZZES).join('|')} [mutations [seed]]\n`);
  process.exitCode = 2;
} else {
  const result = await run(wholeNumber(mutations ?? String(MUTATIONS)), wholeNumber(seed ?? '1'));
  process.stdout.write(`${JSON.stringify({ fuzz: name, result })}\n`);
}
