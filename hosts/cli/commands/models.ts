import { err, ok, type Result } from 'neverthrow';
import { S3FileSource } from '../../../adapters/aws/s3/s3-file-source.ts';
import { LocalFileSource } from '../../../adapters/filesystem/file-source.ts';
import { Hdf5WeightFileReader } from '../../../adapters/hdf5/weight-file-reader.ts';
import { HttpsFileSource } from '../../../adapters/https/file-source.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { chooseModel, type ModelEntry } from '../../../core/pat/installed/catalogue.ts';
import { installModel, type InstallModelError } from '../../../core/pat/installed/install-model.ts';
import type { FileSource, ModelRepository } from '../../../core/pat/ports.ts';
import { verifyModels } from '../../../core/pat/installed/verify-models.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { awsSettingsOf } from '../../wiring/model-places.ts';
import { modelChoice, modelsAt, type ModelChoice } from '../local-model.ts';
import type { Output } from '../output.ts';
import { installationFault, repositoryFault, verifiedLine } from '../repository-words.ts';

const USAGE = `Usage: clarity models install FILE [options]
       clarity models list [--json] [--dir PLACE]
       clarity models verify [--dir PLACE]

  install FILE      installs the weights of an encoder: the authors' .h5 file, by its path or as file:, https: or
                    s3://bucket/key (AWS_REGION, S3_ENDPOINT_URL and the AWS SDK's own credentials)
    --name NAME     what later files of this name are held to (default: the file's name)
    --replace       take another file in the place of one that is installed under the same name
  list              what is installed, where it came from, and which one is used
    --json          the manifest
  verify            reads every installed file and holds it to its hash; exit code 1 where one is not what it was
    --dir PLACE     where the models live: a folder, or s3://bucket/prefix (default: PAT_MODEL_BASE_DIR, else models/)`;

const OPTIONS = {
  name: { type: 'string' },
  replace: { type: 'boolean' },
  json: { type: 'boolean' },
  dir: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type ModelsRequest =
  | { readonly action: 'install'; readonly from: string; readonly name: string | null; readonly replace: boolean }
  | { readonly action: 'list'; readonly json: boolean }
  | { readonly action: 'verify' };

interface Request {
  readonly wish: ModelsRequest;
  readonly choice: ModelChoice;
}

const SYNTAX = { name: 'models', usage: USAGE, options: OPTIONS, read: readRequest };

/** Installs, lists and verifies encoders. */
export async function modelsCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { wish, choice } = request.value;
  const repository = modelsAt(choice.folder);
  switch (wish.action) {
    case 'install':
      return install(repository, wish, output);
    case 'list':
      return list(repository, choice, wish.json, output);
    case 'verify':
      return verify(repository, output);
  }
}

function readRequest(
  values: { readonly name?: string; readonly replace?: boolean; readonly json?: boolean; readonly dir?: string },
  [action, from, ...more]: readonly string[],
): Result<Request, UsageError> {
  const wish = ((): Result<ModelsRequest, UsageError> => {
    if (more.length > 0) return err(usageError('one file at a time, please'));
    switch (action) {
      case 'install':
        if (from === undefined) return err(usageError('which file?'));
        if (values.name !== undefined && values.name.trim() === '') return err(usageError('--name is empty'));
        return ok({ action, from, name: values.name ?? null, replace: values.replace === true });
      case 'list':
        return from === undefined ? ok({ action, json: values.json === true }) : err(usageError('list takes no file'));
      case 'verify':
        return from === undefined ? ok({ action }) : err(usageError('verify takes no file'));
      default:
        return err(usageError('expected install, list or verify'));
    }
  })();
  if (values.dir?.trim() === '') return err(usageError('--dir is empty'));
  const place = values.dir === undefined ? {} : { dir: values.dir };
  return wish.andThen((known) => modelChoice(place, process.env).map((choice) => ({ wish: known, choice })));
}

/** Who reads a location of this kind. */
function sourceOf(location: string): FileSource {
  if (location.startsWith('s3://')) {
    return new S3FileSource(awsSettingsOf(process.env));
  }
  return /^https?:/.test(location) ? new HttpsFileSource() : new LocalFileSource();
}

async function install(
  repository: ModelRepository,
  wish: Extract<ModelsRequest, { readonly action: 'install' }>,
  output: Output,
): Promise<number> {
  const reader = new Hdf5WeightFileReader();
  const installed = await installModel({
    source: sourceOf(wish.from),
    reader,
    repository,
    digest: nodeDigest,
    clock: systemClock,
  })(wish);
  await reader.close();
  return installed.match(
    ({ entry, already }) => {
      output.out(already ? `${entry.id} was installed before, and is sound.` : `${entry.id} is installed.`);
      output.out(`  ${String(entry.parameters)} parameters, from ${entry.source.location}`);
      output.out(`  SHA-256 of the source     ${entry.source.sha256}`);
      output.out(`  SHA-256 as it is kept     ${entry.converted.sha256}`);
      output.out(`  Licence                   ${entry.licence}`);
      output.out(`  ${entry.attribution}`);
      return 0;
    },
    (error) => {
      output.note(`clarity models install: ${installFault(error)}`);
      return 1;
    },
  );
}

function installFault(error: InstallModelError): string {
  switch (error.kind) {
    case 'file-not-fetched':
      return `${error.location}: ${error.reason}`;
    case 'weight-file-unreadable':
    case 'weights-refused':
      return error.reason;
    case 'hash-differs':
      return (
        `another file was installed as "${error.name}" before (SHA-256 ${error.recordedSha256}); this one has ` +
        `${error.givenSha256}. Use --replace if it is meant to take its place, or --name to keep both.`
      );
    case 'model-unavailable':
    case 'port-unavailable':
      return installationFault(error);
  }
}

async function list(
  repository: ModelRepository,
  choice: ModelChoice,
  asJson: boolean,
  output: Output,
): Promise<number> {
  const catalogue = await repository.catalogue();
  return catalogue.match(
    (found) => {
      if (asJson) {
        output.out(JSON.stringify(found, null, 2));
        return 0;
      }
      const used = chooseModel(found, choice.model);
      if (found.models.length === 0) output.out('No encoder is installed.');
      for (const entry of found.models) output.out(modelLine(entry, entry === used));
      for (const { name, signal } of found.populations) output.out(`population  ${name} (${signal})`);
      for (const { id, task } of found.heads) output.out(`head        ${id} (${task})`);
      if (choice.model !== null && used === null) {
        output.note(`PAT_MODEL asks for "${choice.model}", which is not installed.`);
        return 1;
      }
      return 0;
    },
    (error) => {
      output.note(`clarity models list: ${repositoryFault(error)}`);
      return 1;
    },
  );
}

const modelLine = ({ id, name, source, installed_at: at }: ModelEntry, isUsed: boolean): string =>
  `${isUsed ? '*' : ' '} ${id}  ${name}, ${source.bytes.toLocaleString('en-US')} bytes from ${source.location}, ${at.slice(0, 10)}, SHA-256 ${source.sha256}`;

async function verify(repository: ModelRepository, output: Output): Promise<number> {
  const verified = await verifyModels({ repository })();
  return verified.match(
    ({ files, strays }) => {
      for (const file of files) output.out(verifiedLine(file));
      for (const stray of strays) {
        output.note(`${stray} is in the folder but not in the manifest: it is never used; install it, or remove it`);
      }
      if (files.length === 0) output.out('Nothing is installed.');
      return files.every(({ fault }) => fault === null) ? 0 : 1;
    },
    (error) => {
      output.note(`clarity models verify: ${repositoryFault(error)}`);
      return 1;
    },
  );
}
