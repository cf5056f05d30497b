import { suite } from 'uvu';

/** A store to run a suite on, empty at first; `close` frees what it holds. */
export interface UnderTest<Store> {
  readonly store: Store;
  close(): Promise<void>;
}

/** A store that keeps its content: `reopen` ends it as the end of the process would, and opens the same content anew. */
export interface DurableUnderTest<Store> extends UnderTest<Store> {
  reopen(): Promise<Store>;
}

/** A store whose content another process sees and changes, too. */
export interface SharedUnderTest<Store> extends UnderTest<Store> {
  readonly other: Store;
}

/** Adds a test to a suite; it gets a store of its own, which is closed after it whatever happens. */
export type TestWith<Under> = (title: string, body: (under: Under) => Promise<void>) => void;

/** A suite whose every test works on what `make` makes for it; `run` starts it. */
export function suiteOver<Store, Under extends UnderTest<Store>>(
  title: string,
  make: () => Promise<Under>,
): { readonly test: TestWith<Under>; readonly run: () => void } {
  const contract = suite(title);
  const test: TestWith<Under> = (name, body) => {
    contract(name, async () => {
      const under = await make();
      try {
        await body(under);
      } finally {
        await under.close();
      }
    });
  };
  return { test, run: () => contract.run() };
}
