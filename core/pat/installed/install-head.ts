import { okAsync, type ResultAsync } from 'neverthrow';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/digest.ts';
import type { PortUnavailable } from '../../kernel/errors.ts';
import type { HeadEntry } from './catalogue.ts';
import { headText, type Head } from '../heads/head.ts';
import { parseHead, type HeadUnreadable } from '../heads/parse-head.ts';
import type { ModelRepository, ModelUnavailable } from '../ports.ts';

export interface InstallHeadPorts {
  readonly models: ModelRepository;
  readonly digest: Digest;
  readonly clock: Clock;
}

export interface HeadInstalled {
  readonly entry: HeadEntry;
  readonly head: Head;
}

/**
 * Installs a head from its text, as the one that scores its task from now on. It is kept in its own canonical form, so
 * that the same head has the same id, whoever formatted its file.
 */
export function installHead(ports: InstallHeadPorts) {
  return (text: string): ResultAsync<HeadInstalled, HeadUnreadable | ModelUnavailable | PortUnavailable> =>
    parseHead(text).asyncAndThen((head) => {
      const canonical = headText(head);
      const id = `${head.task}-${ports.digest.sha256Hex(canonical).slice(0, 12)}`;
      return ports.models.writeText(`${id}.head.json`, canonical).andThen((stored) => {
        const installed_at = new Date(ports.clock.now()).toISOString();
        const entry: HeadEntry = { id, task: head.task, ...stored, installed_at };
        return ports.models
          .changeCatalogue((catalogue) => ({
            ...catalogue,
            heads: [...catalogue.heads.filter((other) => other.id !== id), entry],
          }))
          .andThen(() => okAsync({ entry, head }));
      });
    });
}
