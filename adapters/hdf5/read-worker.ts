import { err, type Result } from 'neverthrow';
import type { WeightFile } from '../../core/pat/ports.ts';
import { readTree, type Hdf5Library } from './tree.ts';

/** What became of one file. */
export interface Reading {
  readonly file: WeightFile | null;
  /** One plain sentence; null where there is a file. */
  readonly refused: string | null;
  /** Whether the library's memory cannot be trusted any more, or has grown: the next file needs a fresh thread. */
  readonly spent: boolean;
}

/** The library's memory never shrinks; what a damaged file made it take is given back with the thread. */
const MAX_LIBRARY_BYTES = 128 * 1024 * 1024;

const DAMAGED = 'The HDF5 file is damaged.';

let loading: Promise<Hdf5Library> | null = null;
let files = 0;

/** Makes this thread ready to read, and mute: the library prints its error stacks, and the answer says it all. */
export async function prepare(): Promise<void> {
  process.stdout.write = () => true;
  process.stderr.write = () => true;
  await loadLibrary();
}

/**
 * Reads one HDF5 file. It lies in the library's own file system in memory, where nothing else lies: a file that names
 * others as its parts reaches none of this machine's. A file may make this function run for ever; the caller watches.
 */
export async function readHdf5(bytes: Uint8Array): Promise<Reading> {
  const library = await loadLibrary();
  // A name of its own: were an earlier file still open inside the library, it would be taken for the same one.
  files += 1;
  const path = `/weights-${String(files)}.h5`;
  try {
    library.FS.writeFile(path, bytes);
    const fileId = library.open(path, library.H5F_ACC_RDONLY);
    if (fileId < 0n) return refusal('The HDF5 file is damaged or cut off.', false);
    const tree = readDamaged(library, fileId);
    library.close_file(fileId);
    const spent = library.HEAPU8.length > MAX_LIBRARY_BYTES;
    return tree.match(
      (file): Reading => ({ file, refused: null, spent }),
      (reason) => refusal(reason, spent),
    );
  } catch {
    return refusal(DAMAGED, true);
  } finally {
    library.FS.unlink(path);
  }
}

/** As `readTree`, also where the library says no. A trap, an abort and a full stack are thrown on. */
function readDamaged(library: Hdf5Library, fileId: bigint): Result<WeightFile, string> {
  try {
    return readTree(library, fileId);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'Error') return err(DAMAGED);
    throw cause;
  }
}

/** Not a static import: a thread's first module may be loaded by `require`, which does not find this package. */
function loadLibrary(): Promise<Hdf5Library> {
  loading ??= import('h5wasm').then(({ ready }) => ready);
  return loading;
}

const refusal = (refused: string, spent: boolean): Reading => ({ file: null, refused, spent });
