import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAT_SIZES } from '../../../core/pat/encoder/architecture.ts';
import { safetensorsOf, weightsOfSafetensors } from '../../../core/pat/encoder/safetensors.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../result-values.ts';

const WEIGHTS = seededWeights('S');
const BYTES = safetensorsOf(WEIGHTS, { licence: 'none' });
const headerLength = Number(new DataView(BYTES.buffer).getBigUint64(0, true));

/** The container with another header of any length. */
function withHeader(text: string): Uint8Array {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + header.length + BYTES.length - 8 - headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(BYTES.subarray(8 + headerLength), 8 + header.length);
  return bytes;
}

const HEADER = new TextDecoder().decode(BYTES.subarray(8, 8 + headerLength));
const reasonFor = (bytes: Uint8Array): string => errorOf(weightsOfSafetensors(bytes, PAT_SIZES.S)).reason;

test('weights come back bit for bit, also from the middle of a larger buffer', () => {
  assert.equal(valueOf(weightsOfSafetensors(BYTES, PAT_SIZES.S)), WEIGHTS);
  const shifted = new Uint8Array(BYTES.length + 3);
  shifted.set(BYTES, 3);
  assert.equal(valueOf(weightsOfSafetensors(shifted.subarray(3), PAT_SIZES.S)), WEIGHTS);
});

test('the same weights and facts give the same bytes, in the published form', () => {
  assert.equal(safetensorsOf(WEIGHTS, { licence: 'none' }), BYTES);
  assert.is(headerLength % 8, 0);
  const header = JSON.parse(HEADER) as Record<string, unknown>;
  assert.equal(header['__metadata__'], { licence: 'none' });
  assert.equal(header['patch_embedding.kernel'], { dtype: 'F32', shape: [18, 96], data_offsets: [0, 18 * 96 * 4] });
});

test('a container that is cut off, of another shape or of another type is refused with its reason', () => {
  assert.match(reasonFor(BYTES.subarray(0, 5)), 'ends before its header');
  assert.match(reasonFor(BYTES.subarray(0, 100)), 'ends inside its header');
  assert.match(reasonFor(BYTES.subarray(0, BYTES.length - 4)), 'block_1_norm_2.beta lies outside the file');
  assert.match(reasonFor(withHeader('{')), 'not JSON');
  assert.match(reasonFor(withHeader('7')), 'not a JSON object');
  assert.match(reasonFor(withHeader('{}')), 'patch_embedding.kernel is missing');
  assert.match(reasonFor(withHeader(HEADER.replace('F32', 'F16'))), 'not of float32');
  assert.match(reasonFor(withHeader(HEADER.replace('[18,96]', '[96,18]'))), 'not of the shape 18 x 96');
  assert.match(reasonFor(withHeader(HEADER.replace('"data_offsets":[0,', '"data_offsets":["0",'))), 'has no place');
  assert.match(reasonFor(withHeader(HEADER.replace('"data_offsets":[0,', '"data_offsets":[-4,'))), 'outside the file');
  assert.match(errorOf(weightsOfSafetensors(BYTES, PAT_SIZES.M)).reason, 'not of the shape');
});

test('a number that is not finite is refused under the name of its tensor', () => {
  const bytes = BYTES.slice();
  new DataView(bytes.buffer).setFloat32(8 + headerLength, Number.POSITIVE_INFINITY, true);
  assert.match(reasonFor(bytes), 'patch_embedding.kernel holds a number that is not finite');
});

test('no damage of the header makes it throw', () => {
  fc.assert(
    fc.property(fc.nat({ max: headerLength + 7 }), fc.nat({ max: 255 }), (at, byte) => {
      const bytes = BYTES.slice();
      bytes[at] = byte;
      const read = weightsOfSafetensors(bytes, PAT_SIZES.S);
      assert.ok(read.isOk() || read.error.kind === 'container-invalid');
    }),
    { numRuns: 60 },
  );
});

test.run();
