import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { faultInjecting } from '../../../adapters/fault-injecting/fault-injecting.ts';
import { FaultPlan, type FaultTiming, type ScriptedFault } from '../../../adapters/fault-injecting/fault-plan.ts';
import { FAULT_KINDS, FAULT_MOMENTS, FAULTS, type Fault } from '../../../adapters/fault-injecting/faults.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';

const faults = suite('fault injecting');

const DEADLINE_MS = 250;

/** A port with a private field, a member that is no method and a method that answers at once. */
class Tally {
  readonly unit = 'apples';
  #count = 0;
  add(count: number): ResultAsync<number, PortUnavailable | { readonly kind: 'too-many' }> {
    if (count > 100) return errAsync({ kind: 'too-many' });
    this.#count += count;
    return okAsync(this.#count);
  }
  total(): ResultAsync<number, PortUnavailable> {
    return okAsync(this.#count);
  }
  label(): string {
    return `${this.#count} ${this.unit}`;
  }
}

/** Waiting that takes no time and is remembered. */
function waiting(): FaultTiming & { readonly waits: number[] } {
  const waits: number[] = [];
  return { deadlineMs: DEADLINE_MS, waits, wait: async (ms) => waits.push(ms) };
}

const strike = (fault: Fault, call: ScriptedFault['call'] = 1): ScriptedFault => ({
  port: 'Tally',
  method: 'add',
  call,
  ...fault,
});

const RETRYABLE: Readonly<Record<string, boolean>> = { 'malformed-answer before': false };

for (const fault of FAULTS) {
  const name = `${fault.kind} ${fault.moment}`;
  faults(`${name}: the answer is a port-unavailable, and the effect took place only where it says so`, async () => {
    const tally = new Tally();
    const timing = waiting();
    const plan = FaultPlan.scripted([strike(fault)], timing);
    const port = faultInjecting('Tally', tally, plan);
    const error = errorOf(await port.add(3));
    assert.is(error.kind, 'port-unavailable');
    const unavailable = error as PortUnavailable;
    assert.is(unavailable.port, 'Tally');
    assert.is(unavailable.operation, 'add');
    assert.is(unavailable.retryable, RETRYABLE[name] ?? true);
    assert.is(valueOf(await tally.total()), fault.moment === 'after' ? 3 : 0);
    assert.equal(timing.waits, fault.kind === 'timeout' ? [DEADLINE_MS] : []);
    assert.is(valueOf(await port.add(4)), fault.moment === 'after' ? 7 : 4, 'the second call works');
    assert.equal(plan.injected, [{ port: 'Tally', method: 'add', call: 1, ...fault }]);
  });
}

faults('each kind has a cause of its own', async () => {
  const causes = new Set<string>();
  for (const kind of FAULT_KINDS) {
    const plan = FaultPlan.scripted([strike({ kind, moment: 'before' })], waiting());
    causes.add((errorOf(await faultInjecting('Tally', new Tally(), plan).add(1)) as PortUnavailable).cause);
  }
  assert.equal(
    [...causes],
    [
      'TimeoutError: no answer within 250 ms',
      'ThrottlingException: Rate exceeded',
      'InternalServerError: 500 Internal Server Error',
      'Error: read ECONNRESET',
      'SyntaxError: Unexpected token < in JSON at position 0',
    ],
  );
});

faults('an answer that was an error is lost like any other', async () => {
  const plan = FaultPlan.scripted([strike({ kind: 'reset', moment: 'after' })], waiting());
  const port = faultInjecting('Tally', new Tally(), plan);
  assert.is(errorOf(await port.add(1000)).kind, 'port-unavailable');
  assert.is(errorOf(await port.add(1000)).kind, 'too-many');
});

faults('a timeout answers only when the deadline is over', async () => {
  let over: () => void = () => undefined;
  const deadline = new Promise<void>((resolve) => (over = resolve));
  const plan = FaultPlan.scripted([strike({ kind: 'timeout', moment: 'before' })], {
    deadlineMs: DEADLINE_MS,
    wait: () => deadline,
  });
  const answer = faultInjecting('Tally', new Tally(), plan).add(1);
  const before = await Promise.race([answer, new Promise((resolve) => setImmediate(() => resolve('still waiting')))]);
  assert.is(before, 'still waiting');
  over();
  assert.is(errorOf(await answer).kind, 'port-unavailable');
});

faults('what is no method, and methods that answer at once, are the port’s own', async () => {
  const plan = FaultPlan.seeded(1, 1, waiting());
  const port = faultInjecting('Tally', new Tally(), plan, ['label']);
  assert.is(port.unit, 'apples');
  assert.is(port.label(), '0 apples');
  assert.equal(plan.injected, []);
  assert.is(errorOf(await port.total()).kind, 'port-unavailable');
});

faults('a script strikes the calls it names, every one of a method where it says so, and no other', async () => {
  const fault = { kind: 'throttle', moment: 'before' } as const;
  const plan = FaultPlan.scripted([strike(fault, 2), { ...strike(fault, 'every'), method: 'total' }], waiting());
  const port = faultInjecting('Tally', new Tally(), plan);
  const other = faultInjecting('Other', new Tally(), plan);
  const outcomes: boolean[] = [];
  for (let i = 0; i < 3; i++) {
    outcomes.push((await port.add(1)).isOk(), (await port.total()).isOk(), (await other.add(1)).isOk());
  }
  assert.equal(outcomes, [true, false, true, false, false, true, true, false, true]);
});

faults('a bug in the port is thrown, struck or not', async () => {
  const buggy = {
    add: (): ResultAsync<number, PortUnavailable> =>
      ResultAsync.fromSafePromise(Promise.reject(new RangeError('a bug'))),
  };
  const plan = FaultPlan.scripted([strike({ kind: 'reset', moment: 'after' })], waiting());
  const port = faultInjecting('Tally', buggy, plan);
  for (const call of [1, 2]) {
    const thrown: unknown = await Promise.resolve(port.add()).catch((cause: unknown) => cause);
    assert.instance(thrown, RangeError, `call ${call}`);
  }
});

const runSeeded = async (seed: number, share: number, interleaved: boolean): Promise<FaultPlan> => {
  const plan = FaultPlan.seeded(seed, share, waiting());
  const port = faultInjecting('Tally', new Tally(), plan);
  for (let i = 0; i < 200; i++) {
    await port.add(1);
    if (interleaved) await port.total();
  }
  return plan;
};

faults('a seed decides by itself which calls are struck, whatever else is called', async () => {
  const struckAdds = ({ injected }: FaultPlan) => injected.filter(({ method }) => method === 'add');
  const [plan, again, interleaved, other] = await Promise.all([
    runSeeded(7, 0.3, false),
    runSeeded(7, 0.3, false),
    runSeeded(7, 0.3, true),
    runSeeded(8, 0.3, false),
  ]);
  assert.equal(plan.injected, again.injected);
  assert.equal(struckAdds(plan), struckAdds(interleaved));
  assert.not.equal(plan.injected, other.injected);
  assert.ok(plan.injected.length > 30 && plan.injected.length < 90, `${plan.injected.length} of 200 calls were struck`);
  assert.is(new Set(plan.injected.map(({ kind }) => kind)).size, FAULT_KINDS.length);
  assert.is(new Set(plan.injected.map(({ moment }) => moment)).size, FAULT_MOMENTS.length);
  assert.equal((await runSeeded(7, 0, true)).injected, []);
});

faults('a plan prints what is needed to run it again', async () => {
  const seeded = FaultPlan.seeded(7, 0.3, waiting());
  assert.is(String(seeded), 'seed 7, share 0.3; injected: nothing');
  const scripted = FaultPlan.scripted([strike({ kind: 'reset', moment: 'after' }, 'every')], waiting());
  await faultInjecting('Tally', new Tally(), scripted).add(1);
  assert.is(String(scripted), 'script [Tally.add call every: reset after]; injected: Tally.add call 1: reset after');
});

faults.run();
