import * as assert from 'uvu/assert';
import type { ScriptedFault } from '../../adapters/fault-injecting/fault-plan.ts';
import type { ProblemSlug } from '../../contracts/problems.ts';
import type { Routes } from '../../contracts/routes.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { Answer } from './http-client.ts';
import type { ServiceOptions, ServiceUnderFaults } from './service-under-faults.ts';

/** A person with an account, and what their requests have brought about so far. */
export interface Person {
  readonly email: string;
  /** Empty before they have registered. */
  readonly id: UserId;
  token: string;
  refreshToken: string;
  /** The upload, the webhook or the code that the journey is about, where there is one before it begins. */
  upload: string;
  webhook: string;
  delivery: string;
  code: string;
}

/** The answers to the same request. */
export interface Answers {
  /** The one under faults. */
  readonly first: Answer;
  /** Where that was a problem, the one to the request sent again; otherwise the same. */
  readonly last: Answer;
  /** On a route that takes idempotency keys, the one to the same call sent once more; otherwise the last. */
  readonly again: Answer;
}

interface JourneyFacts {
  readonly name: string;
  /** What differs from the usual service. */
  readonly service?: ServiceOptions;
  /** What is struck happens in a service once only, so that every cell has a service of its own. */
  readonly once?: true;
  /** What has happened before, without faults. */
  readonly prepare?: (service: ServiceUnderFaults, person: Person) => Promise<void>;
  /**
   * Which methods, such as `UploadStore.get`, are struck here. Where it is left out, all but those that let callers in and
   * remember calls: they mean the same everywhere, and journeys that say `everything` strike them.
   */
  readonly strikes?: 'everything' | readonly string[];
  /** Another fault, which strikes too: without it, what is struck here is not called. */
  readonly besides?: ScriptedFault;
  /** A call of this method takes so long that whoever holds something has to say that they still do. */
  readonly slow?: string;
}

/** One request that ports may fail under. */
export interface RequestJourney extends JourneyFacts {
  readonly kind: 'request';
  readonly route: keyof Routes;
  readonly send: (service: ServiceUnderFaults, person: Person) => Promise<Answer>;
  /** The person has not registered before. */
  readonly stranger?: true;
  /** What this service answers where nothing fails, if that is no success. */
  readonly refusal?: ProblemSlug;
  /** The refusals of the request sent again that mean that the effect is there already, or cannot be had so any more. */
  readonly doneAlready?: readonly ProblemSlug[];
  /** How the request shows that a port does not answer where it cannot be a problem document. */
  readonly outage?: (answer: Answer) => boolean;
  /** It goes on while ports do not answer, and so may take longer than they do. */
  readonly lasting?: true;
  /** What of an answer is the same whenever the call is the same; all of it where it is left out. */
  readonly comparable?: (answer: Answer) => string;
  /** Fails unless there is exactly one effect, once no job is due any more. */
  readonly verify: (service: ServiceUnderFaults, person: Person, answers: Answers) => Promise<void>;
}

/** The work on an upload, which `prepare` queues. */
export interface JobJourney extends JourneyFacts {
  readonly kind: 'job';
  readonly prepare: (service: ServiceUnderFaults, person: Person) => Promise<void>;
  /** Fails unless there is exactly one effect, once the upload is completed. */
  readonly verify: (service: ServiceUnderFaults, person: Person) => Promise<void>;
}

/** The sending of a delivery, which `prepare` queues. */
export interface DeliveryJourney extends JourneyFacts {
  readonly kind: 'delivery';
  readonly prepare: (service: ServiceUnderFaults, person: Person) => Promise<void>;
  /** Fails unless the message arrived, under one id, and that is what the log says. */
  readonly verify: (service: ServiceUnderFaults, person: Person) => Promise<void>;
}

export type Journey = RequestJourney | JobJourney | DeliveryJourney;

/** A request that changes nothing: what `prepare` reads before the faults is what must be read after them. */
export function reading(
  facts: Pick<RequestJourney, 'name' | 'route' | 'service' | 'prepare' | 'send' | 'strikes' | 'outage'>,
  comparable: (answer: Answer) => string = ({ text }) => text,
): RequestJourney {
  const unfaulted = new WeakMap<Person, string>();
  return {
    ...facts,
    kind: 'request',
    prepare: async (service, person) => {
      await facts.prepare?.(service, person);
      unfaulted.set(person, comparable(await facts.send(service, person)));
    },
    verify: (_service, person, { last }) => {
      assert.is(last.status, 200, last.text);
      assert.is(comparable(last), unfaulted.get(person));
      return Promise.resolve();
    },
  };
}

/** A request without a body. */
export const getting =
  (where: string | ((person: Person) => string)): RequestJourney['send'] =>
  ({ call }, person) =>
    call('GET', typeof where === 'string' ? where : where(person), { token: person.token });
