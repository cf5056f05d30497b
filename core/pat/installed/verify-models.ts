import { okAsync, ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../kernel/errors.ts';
import type { ModelRepository, ModelUnavailable } from '../ports.ts';

/** One installed file, and whether it is the one that was installed. */
export interface VerifiedFile {
  readonly id: string;
  readonly file: string;
  /** Null where all is well; otherwise what is wrong, as one plain sentence. */
  readonly fault: string | null;
}

export interface VerifiedCatalogue {
  readonly files: readonly VerifiedFile[];
  /** Weight files in the folder that the manifest does not know: they are never used. */
  readonly strays: readonly string[];
}

/** Reads every installed file and holds it to its hash; weights have to have their shapes too. */
export function verifyModels(ports: { readonly repository: ModelRepository }) {
  return (): ResultAsync<VerifiedCatalogue, ModelUnavailable | PortUnavailable> => {
    const { repository } = ports;
    return repository.catalogue().andThen(({ models, heads, populations }) => {
      const checks = [
        ...models.map((entry) => check(entry.id, entry.converted.file, repository.readWeights(entry))),
        ...heads.map((entry) => check(entry.id, entry.file, repository.readText(entry))),
        ...populations.map((entry) => check(entry.name, entry.file, repository.readText(entry))),
      ];
      return ResultAsync.combine(checks).andThen((files) => repository.strays().map((strays) => ({ files, strays })));
    });
  };
}

const check = (
  id: string,
  file: string,
  read: ResultAsync<unknown, ModelUnavailable | PortUnavailable>,
): ResultAsync<VerifiedFile, never> =>
  read
    .map((): VerifiedFile => ({ id, file, fault: null }))
    .orElse((error) =>
      okAsync<VerifiedFile>({
        id,
        file,
        fault: error.kind === 'model-unavailable' ? error.message : `it cannot be read (${error.cause})`,
      }),
    );
