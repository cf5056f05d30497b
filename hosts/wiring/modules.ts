import { availableParallelism } from 'node:os';
import type { ContainerModule } from 'inversify';
import type { Logger } from 'pino';
import { AppleExportReader } from '../../adapters/apple-export/export-reader.ts';
import { HtmlReportRenderer } from '../../adapters/html-report/html-report-renderer.ts';
import { LocalIdentityProvider } from '../../adapters/local-identity/local-identity-provider.ts';
import { ScryptPasswords } from '../../adapters/local-identity/scrypt-passwords.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { randomIds } from '../../adapters/node/ids.ts';
import { ONNX_ENGINE } from '../../adapters/onnx/onnx-encoder.ts';
import { CPU_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE } from '../../adapters/tfjs/tfjs-encoder.ts';
import { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import { enginesOf } from '../../core/pat/encoder/choose-engines.ts';
import type { Config } from './config.ts';
import { JobRunner } from './job-runner.ts';
import { openModelRepository } from './model-places.ts';
import type { Storage } from './storage.ts';
import { TOKENS } from './tokens.ts';
import { graphModule, type Get } from './typed-container.ts';

/** What is given from outside the graph. */
export interface GraphInput {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Storage;
  /** Cheaper password hashing, for tests; the default is meant for people. */
  readonly passwords?: ScryptPasswords;
}

/** The tokens of this installation are for this client and from this issuer. */
const LOCAL_ISSUER = 'clarity-local';
const LOCAL_AUDIENCE = 'clarity';

const platformModule = ({ config, logger }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.config, () => config);
    bind(TOKENS.logger, () => logger);
    bind(TOKENS.clock, () => systemClock);
    bind(TOKENS.ids, () => randomIds);
    bind(TOKENS.digest, () => nodeDigest);
  });

const storageModule = ({ storage }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.samples, () => storage.samples);
    bind(TOKENS.metrics, () => storage.metrics);
    bind(TOKENS.uploads, () => storage.uploads);
    bind(TOKENS.objects, () => storage.objects);
    bind(TOKENS.directUploads, () => storage.directUploads);
    bind(TOKENS.queue, () => storage.queue);
    bind(TOKENS.analyses, () => storage.analyses);
    bind(TOKENS.events, () => storage.events);
  });

const authModule = ({ storage: { people }, passwords }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.people, (get) => {
      if (people.kind === 'cognito') return people;
      const { accounts, signingKeys } = people;
      const provider = new LocalIdentityProvider(
        {
          accounts,
          signingKeys,
          passwords: passwords ?? new ScryptPasswords(),
          clock: get(TOKENS.clock),
          ids: get(TOKENS.ids),
        },
        { issuer: LOCAL_ISSUER, audience: LOCAL_AUDIENCE },
      );
      return { provider, tokens: provider };
    });
    bind(TOKENS.identities, (get) => get(TOKENS.people).provider);
    bind(TOKENS.challenges, (get) => get(TOKENS.people).provider);
    bind(TOKENS.confirmation, (get) => get(TOKENS.people).provider);
    bind(TOKENS.recovery, (get) => get(TOKENS.people).provider);
    bind(TOKENS.sessions, (get) => get(TOKENS.people).provider);
    bind(TOKENS.tokens, (get) => get(TOKENS.people).tokens);
  });

/** An analysis that waits longer than this for one week's encoding is told that the model does not answer. */
const ENCODE_DEADLINE_MS = 60_000;

const patModule = ({ config }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.models, (get) => openModelRepository(config.modelDir, config.awsSettings, get(TOKENS.digest)));
    bind(
      TOKENS.workerModel,
      (get) =>
        new WorkerActigraphyModel({
          repository: get(TOKENS.models),
          wanted: config.modelChoice,
          engines: enginesOf(config.engine, [ONNX_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE, CPU_ENGINE]),
          processors: availableParallelism(),
          mostWeeks: config.mostWeeksEncoding,
          deadlineMsAWeek: ENCODE_DEADLINE_MS,
        }),
    );
    bind(TOKENS.model, (get) => get(TOKENS.workerModel));
  });

const analysisModule = ({ config }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.exports, () => new AppleExportReader());
    bind(TOKENS.reports, () => new HtmlReportRenderer());
    bind(
      TOKENS.jobRunner,
      (get) => new JobRunner({ ...workPorts(get), logger: get(TOKENS.logger), jobsAtOnce: config.concurrentJobs }),
    );
  });

/** The ports that uploads, jobs and analyses work through. */
export const workPorts = (get: Get) => ({
  uploads: get(TOKENS.uploads),
  objects: get(TOKENS.objects),
  queue: get(TOKENS.queue),
  samples: get(TOKENS.samples),
  metrics: get(TOKENS.metrics),
  analyses: get(TOKENS.analyses),
  events: get(TOKENS.events),
  exports: get(TOKENS.exports),
  model: get(TOKENS.model),
  models: get(TOKENS.models),
  clock: get(TOKENS.clock),
  ids: get(TOKENS.ids),
  digest: get(TOKENS.digest),
});

/** What every host that works on people's data is made of; tests build the same with another storage. */
export const workModules = (input: GraphInput): readonly ContainerModule[] => [
  platformModule(input),
  storageModule(input),
  authModule(input),
  patModule(input),
  analysisModule(input),
];
