import { createHmac } from 'node:crypto';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ResearchUnavailable, StudyKey } from '../../core/research/ports.ts';

/** MACs under a key that is at hand once `key` has been asked for it; asked again where it could not be had. */
export class HmacStudyKey implements StudyKey {
  readonly #load: () => ResultAsync<Uint8Array, ResearchUnavailable | PortUnavailable>;
  #key: Uint8Array | null = null;

  constructor(load: () => ResultAsync<Uint8Array, ResearchUnavailable | PortUnavailable>) {
    this.#load = load;
  }

  macs(texts: readonly string[]): ResultAsync<readonly Uint8Array[], ResearchUnavailable | PortUnavailable> {
    const key = this.#key;
    const loaded = key === null ? this.#load() : okAsync<Uint8Array, ResearchUnavailable | PortUnavailable>(key);
    return loaded.map((bytes) => {
      this.#key = bytes;
      return texts.map((text) => new Uint8Array(createHmac('sha256', bytes).update(text).digest()));
    });
  }
}

/** The key of an installation that was given one as a secret; without one there is no research. */
export const studyKeyOf = (secret: string | null): StudyKey =>
  new HmacStudyKey(() =>
    secret === null ? errAsync({ kind: 'research-unavailable' }) : okAsync(new Uint8Array(Buffer.from(secret, 'utf8'))),
  );
