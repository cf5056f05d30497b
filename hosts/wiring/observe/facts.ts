import type { Logger } from 'pino';
import type { Clock } from '../../../core/kernel/clock.ts';
import { embeddedMetric } from '../log/embedded-metric.ts';
import type { WatchedFact } from '../watched-facts.ts';

/** Is told when something happens that an operator is woken for. */
export type NoteFact = (fact: WatchedFact) => void;

/** Writes each fact as a line of the log that CloudWatch makes a metric of; nothing where the operator did not ask for it. */
export const factLines = (embedded: boolean, logger: Logger, clock: Clock): NoteFact =>
  embedded
    ? (fact) => {
        logger.warn(embeddedMetric(fact, clock.now()), 'an operator is to hear of this');
      }
    : () => undefined;
