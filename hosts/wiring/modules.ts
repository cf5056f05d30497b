import { availableParallelism } from 'node:os';
import type { ContainerModule } from 'inversify';
import { okAsync } from 'neverthrow';
import type { Logger } from 'pino';
import { AppleExportReader } from '../../adapters/apple-export/export-reader.ts';
import { ConfiguredFeatureFlags } from '../../adapters/configuration/feature-flags.ts';
import { CommonPasswords } from '../../adapters/common-passwords/common-passwords.ts';
import { HtmlReportRenderer } from '../../adapters/html-report/html-report-renderer.ts';
import type { ResolveName } from '../../adapters/https/webhook-target.ts';
import { bestArgon2 } from '../../adapters/local-identity/argon2-engines.ts';
import { platformSecrets } from '../../adapters/local-identity/code-secrets.ts';
import { LocalIdentityProvider } from '../../adapters/local-identity/local-identity-provider.ts';
import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { MemoryRateCounters } from '../../adapters/memory/rate-counters.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { randomIds } from '../../adapters/node/ids.ts';
import { ONNX_ENGINE } from '../../adapters/onnx/onnx-encoder.ts';
import { CPU_ENGINE, TENSORFLOW_ENGINE, WASM_ENGINE } from '../../adapters/tfjs/tfjs-encoder.ts';
import { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import { endTokens } from '../../core/account/ended-tokens.ts';
import { LookedUpOwners } from '../../core/auth/looked-up-owners.ts';
import { ofLivingOwners } from '../../core/auth/living-owners.ts';
import { rememberingTokens } from '../../core/auth/remembered-tokens.ts';
import { EVERYTHING_ON } from '../../core/flags/model.ts';
import type { FeatureFlags } from '../../core/flags/ports.ts';
import type { Narrator } from '../../core/insights/ports.ts';
import { rulesNarrator } from '../../core/insights/rules-narrator.ts';
import { enginesOf } from '../../core/pat/encoder/choose-engines.ts';
import type { ExportReader } from '../../core/health-data/ports.ts';
import type { ActigraphyModel, ModelRepository } from '../../core/pat/ports.ts';
import { AUDIT_TOKENS, auditModule } from './audit-module.ts';
import type { Config } from './config.ts';
import { EVENT_TOKENS, eventsModule } from './events-module.ts';
import { JobRunner, type ObserveJob } from './job-runner.ts';
import { openModelRepository } from './model-places.ts';
import { mailingLater, serverOrNone } from './mail.ts';
import { breakingNarrator } from './narrator-breaker.ts';
import type { BreakerName } from './observe/model-metrics.ts';
import type { ReportError } from './observe/report-errors.ts';
import { ShelteredCounters } from './sheltered-counters.ts';
import type { Storage } from './storage.ts';
import { TOKENS } from './tokens.ts';
import { graphModule, type Get } from './typed-container.ts';

/** What is given from outside the graph. */
export interface GraphInput {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Storage;
  /** Those of the settings where left out. */
  readonly flags?: FeatureFlags;
  /** How names of webhooks' receivers are looked up; as the operating system does where left out. */
  readonly resolveName?: ResolveName;
  /** Cheaper password hashing, for tests; the default is meant for people. */
  readonly passwords?: PasswordHashes;
  /** The encoder, the folder of models and the narrator with somebody looking on; as they are where left out. */
  readonly observeModel?: (model: ActigraphyModel) => ActigraphyModel;
  readonly observeModels?: (models: ModelRepository) => ModelRepository;
  readonly observeNarrator?: (narrator: Narrator) => Narrator;
  readonly observeExports?: (exports: ExportReader) => ExportReader;
  readonly observeJob?: ObserveJob;
  /** Is told when something that fails is left alone for a while, and when it is asked again. */
  readonly observeBreaker?: (name: BreakerName, isOpen: boolean) => void;
  /** Is told of errors that are faults of the program. */
  readonly reportError?: ReportError;
  /** Is told whenever a refresh token was used twice, so that its session was ended. */
  readonly observeTokenReuse?: () => void;
}

/** The tokens of this installation are for this client and from this issuer. */
const LOCAL_ISSUER = 'clarity-local';
const LOCAL_AUDIENCE = 'clarity';

const platformModule = ({ config, logger, flags }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.config, () => config);
    bind(TOKENS.logger, () => logger);
    bind(TOKENS.clock, () => systemClock);
    bind(TOKENS.ids, () => randomIds);
    bind(TOKENS.digest, () => nodeDigest);
    bind(TOKENS.flags, () => flags ?? new ConfiguredFeatureFlags(config.features ?? EVERYTHING_ON, nodeDigest));
  });

const storageModule = ({ storage }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.samples, () => storage.samples);
    bind(TOKENS.metrics, () => storage.metrics);
    bind(TOKENS.uploads, () => storage.uploads);
    bind(TOKENS.objects, () => storage.objects);
    bind(TOKENS.directUploads, () => storage.directUploads);
    bind(TOKENS.queue, () => storage.queue);
    bind(TOKENS.failedJobs, () => storage.failedJobs);
    bind(TOKENS.analyses, () => storage.analyses);
    bind(TOKENS.idempotency, () => storage.idempotency);
    bind(TOKENS.rooms, () => storage.rooms);
    bind(TOKENS.rateCounters, () => storage.rateCounters);
    bind(TOKENS.insights, () => storage.insights);
    bind(TOKENS.erasedOwners, () => storage.erasedOwners);
    bind(TOKENS.dataKeys, () => storage.dataKeys);
    bind(TOKENS.auditStore, () => storage.auditStore);
    bind(TOKENS.auditPseudonyms, () => storage.auditPseudonyms);
    bind(TOKENS.headSigner, () => storage.headSigner);
    bind(TOKENS.events, () => storage.events);
    bind(TOKENS.ownerEvents, () => storage.ownerEvents);
    bind(TOKENS.webhooks, () => storage.webhooks);
    bind(TOKENS.consents, () => storage.consents);
    bind(TOKENS.studyKey, () => storage.studyKey);
  });

const limitsModule = ({ logger, observeBreaker }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(
      TOKENS.shelteredCounters,
      (get) =>
        new ShelteredCounters({
          shared: get(TOKENS.rateCounters),
          own: new MemoryRateCounters(),
          clock: get(TOKENS.clock),
          changed: (lost) => {
            observeBreaker?.('rate_counters', lost !== null);
            if (lost === null) logger.info('calls are counted together with other processes again');
            else logger.warn(lost, 'calls are counted by this process alone for now');
          },
        }),
    );
  });

const authModule = ({ config, storage, passwords, logger, observeTokenReuse }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    const { people } = storage;
    bind(TOKENS.people, (get) => {
      if (people.kind === 'cognito') return { ...people, ...mailingLater(serverOrNone(config.accounts.mail), logger) };
      const argon2 = bestArgon2({
        passedOver: (cause) => {
          logger.warn({ err: cause }, 'passwords are hashed by WebAssembly, slower than by the native library');
        },
      });
      const provider = new LocalIdentityProvider(
        {
          ...people,
          secrets: platformSecrets,
          passwords: passwords ?? new PasswordHashes({ argon2 }),
          clock: get(TOKENS.clock),
          ids: get(TOKENS.ids),
          endTokens: (user) =>
            endTokens({ erasedOwners: storage.erasedOwners, digest: get(TOKENS.digest), clock: get(TOKENS.clock) })(
              user,
            ).map(() => {
              get(TOKENS.lookedUpOwners).forget(user);
            }),
          unsent: (error) => {
            logger.warn(error, 'a code was asked for and could not be mailed');
          },
          reused: (user) => {
            logger.warn('a refresh token was used twice, and its session has ended');
            observeTokenReuse?.();
            return get(AUDIT_TOKENS.writeDown)(
              {
                actor: 'system',
                onBehalfOf: null,
                subject: user,
                action: 'logout',
                operation: 'endReusedSession',
                dataTypes: ['sessions'],
                requestId: get(TOKENS.ids).uuid(),
              },
              () => okAsync(undefined),
            );
          },
        },
        { issuer: LOCAL_ISSUER, audience: LOCAL_AUDIENCE, ...config.accounts },
      );
      const mailing = mailingLater(people.mail, logger);
      return {
        provider,
        tokens: provider,
        mailLater: mailing.mailLater,
        settled: async () => {
          await Promise.all([provider.settled(), mailing.settled()]);
        },
      };
    });
    bind(TOKENS.identities, (get) => get(TOKENS.people).provider);
    bind(TOKENS.challenges, (get) => get(TOKENS.people).provider);
    bind(TOKENS.confirmation, (get) => get(TOKENS.people).provider);
    bind(TOKENS.recovery, (get) => get(TOKENS.people).provider);
    bind(TOKENS.sessions, (get) => get(TOKENS.people).provider);
    bind(TOKENS.openSessions, (get) => get(TOKENS.people).provider.openSessions);
    bind(TOKENS.secondFactor, (get) => get(TOKENS.people).provider.secondFactor);
    bind(TOKENS.userDirectory, (get) => get(TOKENS.people).provider.directory);
    bind(TOKENS.lookedUpOwners, () => new LookedUpOwners());
    bind(TOKENS.knownPasswords, () => new CommonPasswords());
    bind(TOKENS.tokens, (get) =>
      ofLivingOwners(
        rememberingTokens(get(TOKENS.people).tokens, get(TOKENS.clock)),
        {
          erasedOwners: get(TOKENS.erasedOwners),
          digest: get(TOKENS.digest),
          clock: get(TOKENS.clock),
        },
        get(TOKENS.lookedUpOwners),
      ),
    );
  });

/** An analysis that waits longer than this for one week's encoding is told that the model does not answer. */
const ENCODE_DEADLINE_MS = 60_000;

const patModule = ({ config, observeModel, observeModels }: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.models, (get) => {
      const models = openModelRepository(config.modelDir, config.awsSettings, get(TOKENS.digest));
      return observeModels?.(models) ?? models;
    });
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
    bind(TOKENS.model, (get) => observeModel?.(get(TOKENS.workerModel)) ?? get(TOKENS.workerModel));
  });

const analysisModule = (input: GraphInput): ContainerModule =>
  graphModule((bind) => {
    bind(TOKENS.exports, () => {
      const exports = new AppleExportReader();
      return input.observeExports?.(exports) ?? exports;
    });
    bind(TOKENS.reports, () => new HtmlReportRenderer());
    bind(TOKENS.narrator, (get) =>
      breakingNarrator(input.observeNarrator?.(rulesNarrator) ?? rulesNarrator, {
        clock: get(TOKENS.clock),
        changed: (isOpen) => {
          if (isOpen) get(TOKENS.logger).warn('the narrator failed again and again, and is not asked for a while');
          else get(TOKENS.logger).info('the narrator answers again');
          input.observeBreaker?.('insights', isOpen);
        },
      }),
    );
    bind(
      TOKENS.jobRunner,
      (get) =>
        new JobRunner({
          ...workPorts(get),
          logger: get(TOKENS.logger),
          jobsAtOnce: input.config.concurrentJobs,
          observeJob: input.observeJob,
          reportError: input.reportError,
        }),
    );
  });

/** The ports that uploads, jobs and analyses work through; what is done through them is told to whom it concerns. */
export const workPorts = (get: Get) => ({
  uploads: get(EVENT_TOKENS.tellingUploads),
  objects: get(TOKENS.objects),
  queue: get(TOKENS.queue),
  failedJobs: get(TOKENS.failedJobs),
  quota: get(TOKENS.config).uploadQuota,
  samples: get(TOKENS.samples),
  metrics: get(TOKENS.metrics),
  analyses: get(TOKENS.analyses),
  insights: get(TOKENS.insights),
  erasedOwners: get(TOKENS.erasedOwners),
  writeDown: get(AUDIT_TOKENS.writeDown),
  events: get(EVENT_TOKENS.tellingPublisher),
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
  limitsModule(input),
  authModule(input),
  patModule(input),
  analysisModule(input),
  eventsModule(input.config, input),
  auditModule(),
];
