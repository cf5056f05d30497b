import { err, ok, type Result } from 'neverthrow';
import type { Digest } from '../../kernel/digest.ts';
import { weightsOfSafetensors } from '../encoder/safetensors.ts';
import type { ModelUnavailable, StoredFile, VerifiedModel } from '../ports.ts';
import type { ModelEntry } from './catalogue.ts';

/** An installed file is not what it was, or not there. */
export const corrupt = (message: string): ModelUnavailable => ({
  kind: 'model-unavailable',
  status: 'weights_corrupt',
  message,
});

/** The bytes of a file, if they are those that the manifest speaks of. */
export function heldToHash(
  { file, sha256 }: StoredFile,
  bytes: Uint8Array,
  digest: Digest,
): Result<Uint8Array, ModelUnavailable> {
  const found = digest.sha256Hex(bytes);
  return found === sha256
    ? ok(bytes)
    : err(
        corrupt(
          `${file} is not the file that was installed (SHA-256 ${found}, in the manifest ${sha256}); install it again`,
        ),
      );
}

/** The weights in a file whose hash has been checked. */
export const verifiedModel = (entry: ModelEntry, bytes: Uint8Array): Result<VerifiedModel, ModelUnavailable> =>
  weightsOfSafetensors(bytes, entry.architecture)
    .map((weights) => ({ entry, weights }))
    .mapErr(({ reason }) => corrupt(`the weights ${entry.id} are damaged: ${reason}`));

/** What is said where a manifest names a file that cannot be one of its folder. */
export const notInFolder = (file: string): ModelUnavailable =>
  corrupt(`the manifest names "${file}", which is no file of its folder`);

/** What is said where a file is gone. */
export const absent = (file: string): ModelUnavailable =>
  corrupt(`${file} is in the manifest, but not in the model folder`);
