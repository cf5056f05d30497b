import {
  Divergence,
  same,
  type Actor,
  type Answer,
  type Content,
  type DyingProcess,
  type ModelledPort,
  type Stores,
} from './modelled-port.ts';

/** One actor's dealings with one port, with the plain map beside it. */
export class Comparison<Command, Piece> {
  readonly #port: ModelledPort<Command, Piece>;
  readonly #actor: Actor;
  #content: Content<Piece>;

  constructor(port: ModelledPort<Command, Piece>, actor: Actor, content: Content<Piece> = new Map<string, Piece>()) {
    this.#port = port;
    this.#actor = actor;
    this.#content = content;
  }

  /** What the plain map holds. */
  get content(): Content<Piece> {
    return this.#content;
  }

  /** @throws Divergence when the store does not answer what the plain map answers. */
  async call(stores: Stores, command: Command): Promise<void> {
    const expected = this.#port.apply(this.#content, this.#actor, command);
    this.#demand(command, expected.answer, await this.#port.perform(stores, this.#actor, command));
    this.#content = expected.content;
  }

  /**
   * Makes the call in a process that dies in it, looks at what is left in another, and makes it there again. Resolves
   * with whether the process died.
   *
   * @throws Divergence when a piece is left that is neither as before nor as after the call, or when the second call
   * does not end where one undisturbed call ends.
   */
  async callDying(dying: DyingProcess, stores: Stores, command: Command): Promise<boolean> {
    const before = this.#content;
    const expected = this.#port.apply(before, this.#actor, command);
    const answer = await this.#port.perform(dying.stores, this.#actor, command);
    await dying.end();
    const died = dying.died() && 'error' in answer;
    if (died) {
      if (answer.error !== 'port-unavailable') throw new Divergence('a dying call answered', { command, answer });
      this.#content = await this.#observeBetween(stores, command, before, expected.content);
    } else {
      this.#demand(command, expected.answer, answer);
      this.#content = expected.content;
    }
    const again = this.#port.apply(this.#content, this.#actor, command);
    const second = await this.#port.perform(stores, this.#actor, command);
    const isRefused = 'error' in second && second.error === 'port-unavailable' && !second.retryable;
    const isDone = same(second, { value: null });
    if (!this.#port.mayRefuseAgain(command) || !(isRefused || isDone)) this.#demand(command, again.answer, second);
    if (!same(again.content, expected.content)) {
      throw new Divergence('the second call cannot end where one call ends', {
        command,
        left: this.#content,
        ends: again.content,
        should: expected.content,
      });
    }
    this.#content = expected.content;
    await this.verify(stores);
    return died;
  }

  /** @throws Divergence when the store, read in any way, does not hold exactly what the plain map holds. */
  async verify(stores: Stores): Promise<void> {
    const observed = await this.#port.observe(stores, this.#actor);
    if (!same(observed, this.#content)) {
      throw new Divergence('the store holds something else than the plain map', {
        actor: this.#actor,
        store: observed,
        map: this.#content,
      });
    }
    for (const { name, seen, of } of await this.#port.views(stores, this.#actor)) {
      const expected = new Map([...this.#content].map(([key, piece]) => [key, of(piece)]));
      if (!same(seen, expected)) {
        throw new Divergence(`${name} is not what the plain map holds`, { actor: this.#actor, seen, expected });
      }
    }
  }

  #demand(command: Command, expected: Answer, actual: Answer): void {
    if (this.#port.agrees(this.#actor, command, expected, actual)) return;
    throw new Divergence('the store answers something else than the plain map', {
      actor: this.#actor,
      command,
      store: actual,
      map: expected,
      content: this.#content,
    });
  }

  /** What is there, of which each piece must be as before or as after. */
  async #observeBetween(
    stores: Stores,
    command: Command,
    before: Content<Piece>,
    after: Content<Piece>,
  ): Promise<Content<Piece>> {
    const observed = await this.#port.observe(stores, this.#actor);
    const all = { name: 'the whole content', seen: observed, of: (piece: Piece): unknown => piece };
    for (const { name, seen, of } of [all, ...(await this.#port.views(stores, this.#actor))]) {
      for (const key of new Set([...before.keys(), ...after.keys(), ...seen.keys()])) {
        const was = before.get(key);
        const becomes = after.get(key);
        const is = seen.get(key);
        const isEither = [was, becomes].some((piece) => same(is, piece === undefined ? undefined : of(piece)));
        if (!isEither) throw new Divergence(`${name} is torn at ${key}`, { command, was, becomes, is });
      }
    }
    return observed;
  }
}
