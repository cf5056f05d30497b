import type { ready } from 'h5wasm';
import { err, ok, type Result } from 'neverthrow';
import type { StoredTensor, WeightFile } from '../../core/pat/ports.ts';

/** The HDF5 library, compiled to WebAssembly. */
export type Hdf5Library = Awaited<typeof ready>;

/** Elements of all tensors of a file together; the largest published encoder has 2 million. */
const MAX_ELEMENTS = 16 * 1024 * 1024;
/** Groups and tensors of a file; the largest published encoder has 130. */
const MAX_OBJECTS = 4096;
/** Groups inside groups. An optimizer's state lies seven deep; a group that holds itself is deeper than any number. */
const MAX_DEPTH = 16;
/** Names that one group may list, and bytes of a name of fixed length. */
const MAX_NAMES = 4096;
const MAX_NAME_BYTES = 1024;
/** A variable-length string is a pointer in the library's memory, which is 32 bits wide. */
const POINTER_BYTES = 4;
const FLOAT32_BYTES = 4;
/** The attribute in which the authors' framework lists a layer's tensors, relative to the layer's group. */
const WEIGHT_NAMES = 'weight_names';

/**
 * Reads the groups and tensors of an open file, or says in one sentence why it cannot. Only what lies in the file by
 * its own name is read: soft and external links are passed over, and so is whatever is neither group nor tensor. May
 * throw where the file is damaged, because the library does.
 */
export function readTree(library: Hdf5Library, fileId: bigint): Result<WeightFile, string> {
  const tensors = new Map<string, StoredTensor>();
  const groups = new Map<string, readonly string[]>();
  const pending: { readonly path: string; readonly depth: number }[] = [{ path: '/', depth: 0 }];
  let objects = 1;
  let elements = 0;
  for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
    const { path, depth } = group;
    const listed = weightNames(library, fileId, path);
    if (listed.isErr()) return err(listed.error);
    groups.set(
      path,
      listed.value.map((name) => below(path, name)),
    );
    for (const name of library.get_names(fileId, path, false)) {
      const child = below(path, name);
      objects += 1;
      if (objects > MAX_OBJECTS) return err(`The file holds more than ${String(MAX_OBJECTS)} groups and tensors.`);
      if (isLink(library, fileId, child)) continue;
      const type = library.get_type(fileId, child);
      if (type === library.H5G_GROUP) {
        if (depth === MAX_DEPTH) return err(`The file nests its groups more than ${String(MAX_DEPTH)} deep.`);
        pending.push({ path: child, depth: depth + 1 });
      } else if (type === library.H5G_DATASET) {
        const tensor = readTensor(library, fileId, child, MAX_ELEMENTS - elements);
        if (tensor.isErr()) return err(tensor.error);
        tensors.set(child, tensor.value);
        elements += tensor.value.values?.length ?? 0;
      }
    }
  }
  return ok({ tensors, groups });
}

const below = (group: string, name: string): string => (group === '/' ? `/${name}` : `${group}/${name}`);

function isLink(library: Hdf5Library, fileId: bigint, path: string): boolean {
  // The types promise a string; where there is no such link, the library answers null, or an object without names.
  const soft = library.get_symbolic_link(fileId, path) as string | null;
  const external = library.get_external_link(fileId, path) as { readonly filename?: string };
  return soft !== null || external.filename !== undefined;
}

/** The tensor at the path; its size and layout are looked at before any memory is taken for it. */
function readTensor(
  library: Hdf5Library,
  fileId: bigint,
  path: string,
  maxElements: number,
): Result<StoredTensor, string> {
  const { shape, type, size, chunks, virtual_sources } = library.get_dataset_metadata(fileId, path);
  if (shape === null) return ok({ shape: [0], values: null });
  if (type !== library.H5T_class_t.H5T_FLOAT.value || size !== FLOAT32_BYTES) return ok({ shape, values: null });
  const count = shape.reduce((product, side) => product * side, 1);
  if (count > maxElements) return err(`The file’s tensors have more than ${String(MAX_ELEMENTS)} elements together.`);
  if (chunks !== null || virtual_sources !== undefined) {
    return err(`The tensor ${printable(path)} is stored in chunks or compressed; it must be stored in one piece.`);
  }
  if (count === 0) return ok({ shape, values: new Float32Array(0) });
  const bytes = readInto(library, count * FLOAT32_BYTES, (pointer) =>
    library.get_dataset_data(fileId, path, null, null, null, BigInt(pointer)),
  );
  if (bytes === null) return err(`The file is damaged: its tensor ${printable(path)} cannot be read.`);
  return ok({ shape, values: new Float32Array(bytes.buffer) });
}

/** What the group lists as its tensors, relative to it; empty where it lists none, or lists no strings. */
function weightNames(library: Hdf5Library, fileId: bigint, path: string): Result<readonly string[], string> {
  if (!library.get_attribute_names(fileId, path).includes(WEIGHT_NAMES)) return ok([]);
  const { shape, type, size, vlen, cset } = library.get_attribute_metadata(fileId, path, WEIGHT_NAMES);
  if (shape === null || type !== library.H5T_class_t.H5T_STRING.value) return ok([]);
  const count = shape.reduce((product, side) => product * side, 1);
  if (count > MAX_NAMES || size > MAX_NAME_BYTES || (vlen && size !== POINTER_BYTES)) {
    return err(`The file is damaged: the names that ${printable(path)} lists are too many or too long.`);
  }
  if (count === 0) return ok([]);
  let names: readonly string[] = [];
  const bytes = readInto(library, count * size, (pointer) => {
    const status = library.get_attribute_data(fileId, path, WEIGHT_NAMES, BigInt(pointer));
    if (status >= 0 && vlen) {
      const pointers = new Uint32Array(library.HEAPU8.buffer, pointer, count);
      names = Array.from(pointers, (string) => library.UTF8ToString(string));
      library.reclaim_vlen_memory(fileId, path, WEIGHT_NAMES, BigInt(pointer));
    }
    return status;
  });
  if (bytes === null) return err(`The file is damaged: the names that ${printable(path)} lists cannot be read.`);
  return ok(vlen ? names : fixedLengthNames(bytes, size, cset === 1 ? 'utf-8' : 'latin1'));
}

function fixedLengthNames(bytes: Uint8Array, size: number, encoding: string): readonly string[] {
  const decoder = new TextDecoder(encoding);
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const name = bytes.subarray(i * size, (i + 1) * size);
    const end = name.indexOf(0);
    return decoder.decode(end < 0 ? name : name.subarray(0, end));
  });
}

/** A copy of the bytes that `read` puts at a pointer into the library's memory; null where its status is a failure. */
function readInto(library: Hdf5Library, length: number, read: (pointer: number) => number): Uint8Array | null {
  const pointer = library._malloc(length);
  if (pointer === 0) return null;
  try {
    library.HEAPU8.fill(0, pointer, pointer + length);
    return read(pointer) < 0 ? null : library.HEAPU8.slice(pointer, pointer + length);
  } finally {
    library._free(pointer);
  }
}

/** A path of the file as it may stand in a message on a terminal. */
function printable(path: string): string {
  return path.replace(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}]/gu, '?').slice(0, 200);
}
