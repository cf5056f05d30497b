import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/digest.ts';
import type { PortUnavailable } from '../../kernel/errors.ts';
import { parameterCount, sizeOf, type PatSize } from '../encoder/architecture.ts';
import type { Catalogue, ModelEntry } from './catalogue.ts';
import { goldenOf } from '../encoder/golden.ts';
import { PAT_ATTRIBUTION, PAT_CITATION, PAT_LICENCE } from './licence.ts';
import type {
  FetchedFile,
  FileNotFetched,
  FileSource,
  ModelRepository,
  ModelUnavailable,
  WeightFileReader,
  WeightFileUnreadable,
} from '../ports.ts';
import { recogniseWeights, type WeightsRefused } from './recognise-weights.ts';
import type { PatWeights } from '../encoder/weights.ts';

/** The largest published encoder has 8 MB; a whole model with its optimizer a few times that. */
const LARGEST_WEIGHT_FILE_BYTES = 64 * 1024 * 1024;

export interface InstallModelPorts {
  readonly source: FileSource;
  readonly reader: WeightFileReader;
  readonly repository: ModelRepository;
  readonly digest: Digest;
  readonly clock: Clock;
}

export interface InstallModelCommand {
  /** A path, or a file, s3 or https URL. */
  readonly from: string;
  /** What later files are held to; null for the file's own name. */
  readonly name: string | null;
  /** Whether a file of a known name but another content is meant to take its place. */
  readonly replace: boolean;
}

/** A file of this name was installed before, and it was another one. */
export interface HashDiffers {
  readonly kind: 'hash-differs';
  readonly name: string;
  readonly recordedSha256: string;
  readonly givenSha256: string;
}

export interface ModelInstalled {
  readonly entry: ModelEntry;
  /** The same file had been installed before. */
  readonly already: boolean;
}

export type InstallModelError =
  | FileNotFetched
  | WeightFileUnreadable
  | WeightsRefused
  | HashDiffers
  | ModelUnavailable
  | PortUnavailable;

/**
 * Installs an encoder's weights: reads and checks the file, converts it to the project's own container, lets the
 * reference encoder make the answer that every engine is held to, and enters all of it into the manifest. There is no
 * trustworthy published checksum of the authors' files, so the first file of a name is recorded, and later ones are
 * held to it.
 */
export function installModel(ports: InstallModelPorts) {
  return (command: InstallModelCommand): ResultAsync<ModelInstalled, InstallModelError> =>
    ports.source.fetch(command.from, LARGEST_WEIGHT_FILE_BYTES).andThen((file) => {
      const sha256 = ports.digest.sha256Hex(file.bytes);
      const name = command.name ?? file.name.replace(/\.[^.]*$/, '');
      return ports.reader
        .read(file.bytes)
        .andThen((content) => recogniseWeights(content, sha256))
        .andThen((weights) =>
          ports.repository.catalogue().andThen((catalogue): ResultAsync<ModelInstalled, InstallModelError> => {
            const recorded = catalogue.models.find((entry) => entry.name === name);
            if (recorded !== undefined && recorded.source.sha256 !== sha256 && !command.replace) {
              return errAsync({
                kind: 'hash-differs',
                name,
                recordedSha256: recorded.source.sha256,
                givenSha256: sha256,
              });
            }
            const known = catalogue.models.find((entry) => entry.source.sha256 === sha256);
            return known === undefined
              ? install(ports, { file, sha256, name, weights })
              : repaired(ports, known, { file, sha256, name: known.name, weights });
          }),
        );
    });
}

interface NewModel {
  readonly file: FetchedFile;
  readonly sha256: string;
  readonly name: string;
  readonly weights: PatWeights;
}

/** The same file once more: kept as it is where its converted form is sound, and made anew where it is not. */
function repaired(
  ports: InstallModelPorts,
  known: ModelEntry,
  model: NewModel,
): ResultAsync<ModelInstalled, InstallModelError> {
  return ports.repository
    .readWeights(known)
    .andThen(() => moveToEnd(ports.repository, known))
    .map((): ModelInstalled => ({ entry: known, already: true }))
    .orElse((error) =>
      error.kind === 'model-unavailable' ? install(ports, model) : errAsync<ModelInstalled, InstallModelError>(error),
    );
}

/** The last installed is the one that is used. */
const moveToEnd = (repository: ModelRepository, entry: ModelEntry): ResultAsync<Catalogue, InstallModelError> =>
  repository.changeCatalogue((catalogue) => ({
    ...catalogue,
    models: [...catalogue.models.filter(({ id }) => id !== entry.id), entry],
  }));

function install(
  ports: InstallModelPorts,
  { file, sha256, name, weights }: NewModel,
): ResultAsync<ModelInstalled, InstallModelError> {
  const { architecture } = weights;
  // Whatever was recognised has a published size.
  const size = sizeOf(architecture) as PatSize;
  const id = `PAT-${size}-${sha256.slice(0, 12)}`;
  return ports.repository
    .writeWeights(id, weights, { id, source_sha256: sha256, licence: PAT_LICENCE, attribution: PAT_ATTRIBUTION })
    .andThen((stored) => {
      const entry: ModelEntry = {
        id,
        name,
        size,
        architecture,
        parameters: parameterCount(architecture),
        source: { location: file.location, sha256, bytes: file.bytes.length },
        converted: { format: 'safetensors', ...stored },
        licence: PAT_LICENCE,
        attribution: PAT_ATTRIBUTION,
        citation: PAT_CITATION,
        installed_at: new Date(ports.clock.now()).toISOString(),
        golden: goldenOf(weights),
      };
      return ports.repository
        .changeCatalogue((catalogue) => ({
          ...catalogue,
          models: [...catalogue.models.filter((other) => other.id !== id && other.name !== name), entry],
        }))
        .andThen(() => okAsync<ModelInstalled, InstallModelError>({ entry, already: false }));
    });
}
