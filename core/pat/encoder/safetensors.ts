import { err, ok, type Result } from 'neverthrow';
import { tensorsOf, type PatArchitecture } from './architecture.ts';
import { assembleWeights, namedTensors, type PatWeights } from './weights.ts';

/** The bytes are not the container of this encoder; `reason` is one plain sentence. */
export interface ContainerInvalid {
  readonly kind: 'container-invalid';
  readonly reason: string;
}

const LENGTH_BYTES = 8;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Weights in the safetensors format: the header's length (little-endian, 64 bit), a JSON header that names each tensor's
 * type, shape and place, and the numbers. `facts` is kept in the header, for whoever opens the file without Clarity.
 * The same weights and facts give the same bytes.
 */
export function safetensorsOf(weights: PatWeights, facts: Readonly<Record<string, string>>): Uint8Array {
  const tensors = namedTensors(weights);
  const header: Record<string, unknown> = { __metadata__: facts };
  let end = 0;
  for (const { name, shape } of tensorsOf(weights.architecture)) {
    const start = end;
    end += tensors.get(name)!.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces behind the header bring the numbers to a multiple of eight.
  const headerBytes = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(text, LENGTH_BYTES);
  const numbers = new DataView(bytes.buffer, LENGTH_BYTES + headerBytes);
  let at = 0;
  for (const { name } of tensorsOf(weights.architecture)) {
    for (const number of tensors.get(name)!) {
      numbers.setFloat32(at, number, true);
      at += FLOAT_BYTES;
    }
  }
  return bytes;
}

/** Reads the tensors of this architecture; every one has to be there, of its shape, inside the file, and finite. */
export function weightsOfSafetensors(
  bytes: Uint8Array,
  architecture: PatArchitecture,
): Result<PatWeights, ContainerInvalid> {
  return headerOf(bytes).andThen(({ header, dataStart }) => {
    const tensors = new Map<string, Float32Array>();
    for (const { name, shape } of tensorsOf(architecture)) {
      const tensor = tensorAt(bytes, dataStart, header[name], name, shape);
      if (tensor.isErr()) return err(tensor.error);
      tensors.set(name, tensor.value);
    }
    return ok(assembleWeights(architecture, tensors));
  });
}

function headerOf(
  bytes: Uint8Array,
): Result<{ readonly header: Readonly<Record<string, unknown>>; readonly dataStart: number }, ContainerInvalid> {
  if (bytes.length < LENGTH_BYTES) return invalid('the file ends before its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > bytes.length - LENGTH_BYTES) return invalid('the file ends inside its header');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes),
    );
    const header: unknown = JSON.parse(text);
    if (typeof header !== 'object' || header === null) return invalid('its header is not a JSON object');
    return ok({ header: header as Readonly<Record<string, unknown>>, dataStart: LENGTH_BYTES + headerBytes });
  } catch {
    return invalid('its header is not JSON');
  }
}

function tensorAt(
  bytes: Uint8Array,
  dataStart: number,
  entry: unknown,
  name: string,
  shape: readonly number[],
): Result<Float32Array, ContainerInvalid> {
  if (typeof entry !== 'object' || entry === null) return invalid(`the tensor ${name} is missing`);
  const { dtype, shape: given, data_offsets: offsets } = entry as Readonly<Record<string, unknown>>;
  const count = shape.reduce((product, side) => product * side, 1);
  if (dtype !== 'F32') return invalid(`the tensor ${name} is not of float32`);
  if (JSON.stringify(given) !== JSON.stringify(shape)) {
    return invalid(`the tensor ${name} is not of the shape ${shape.join(' x ')}`);
  }
  const [start, end] = Array.isArray(offsets) ? (offsets as readonly unknown[]) : [];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return invalid(`the tensor ${name} has no place`);
  const [from, to] = [start as number, end as number];
  if (from < 0 || to - from !== count * FLOAT_BYTES || dataStart + to > bytes.length) {
    return invalid(`the tensor ${name} lies outside the file`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart + from, to - from);
  const numbers = Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * FLOAT_BYTES, true));
  return numbers.every(Number.isFinite) ? ok(numbers) : invalid(`the tensor ${name} holds a number that is not finite`);
}

const invalid = (reason: string): Result<never, ContainerInvalid> => err({ kind: 'container-invalid', reason });
