import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ResultAsync } from 'neverthrow';
import { CALL_HOLD_MS, callOnce } from '../../../core/idempotency/call-once.ts';
import { valueOf } from '../result-values.ts';
import {
  attemptAt,
  CREATING_CALLS,
  kept,
  PORTS,
  SCOPE,
  work,
  worldFor,
  type CallWorld,
  type CreatingCall,
} from './creating-calls.ts';
import { NOW_MS } from '../memory-world.ts';
import { behind, interrupting, INTERRUPTIONS, type Gate, type Interruption } from './interruptions.ts';

/**
 * Every call that creates something, interrupted at every call of every port and made again with the same ids and
 * instant: what is kept is what one undisturbed call keeps, and so is the reply.
 */
const repeated = suite('repeated calls');

const attempt = (call: CreatingCall, world: CallWorld, gate: Gate) => call.make(behind(attemptAt(world), PORTS, gate));

/** One attempt that ends by itself or dies. */
async function interruptedAttempt(call: CreatingCall, world: CallWorld, interruption: Interruption): Promise<number> {
  const { gate, died, calls } = interrupting(interruption);
  await Promise.race([attempt(call, world, gate), died]);
  return calls();
}

async function undisturbed(call: CreatingCall, atMs = NOW_MS) {
  const world = await worldFor(call);
  const { gate, calls } = interrupting(null);
  const reply = valueOf(await call.make(behind(attemptAt(world, atMs), PORTS, gate)));
  const before = await kept(world);
  const worked = await work(world);
  return { reply, before, worked, after: await kept(world), calls: calls() };
}

const unhindered = (call: CreatingCall, world: CallWorld) => attempt(call, world, (make) => make());

for (const call of CREATING_CALLS) {
  repeated(`${call.name}, interrupted at any call of a port and made again, is ${call.name} once`, async () => {
    const whole = await undisturbed(call);
    assert.ok(whole.calls >= 2);
    for (const way of INTERRUPTIONS) {
      for (let at = 0; at < whole.calls; at++) {
        const where = `${way.kind} ${way.moment} call ${at}`;
        const world = await worldFor(call);
        assert.ok((await interruptedAttempt(call, world, { ...way, at })) > at, where);
        assert.equal(valueOf(await unhindered(call, world)), whole.reply, where);
        assert.equal(await kept(world), whole.before, where);
        assert.equal(await work(world), whole.worked, where);
        assert.equal(await kept(world), whole.after, where);
      }
    }
  });

  repeated(
    `${call.name}, interrupted at any call and made again after a worker was through, is done once`,
    async () => {
      const whole = await undisturbed(call);
      for (const way of INTERRUPTIONS) {
        for (let at = 0; at < whole.calls; at++) {
          const where = `${way.kind} ${way.moment} call ${at}`;
          const world = await worldFor(call);
          await interruptedAttempt(call, world, { ...way, at });
          const workedBefore = await work(world);
          assert.equal(valueOf(await unhindered(call, world)), whole.reply, where);
          assert.equal([...workedBefore, ...(await work(world))].toSorted(), [...whole.worked].toSorted(), where);
          assert.equal(withoutAnalysisIds(await kept(world)), withoutAnalysisIds(whole.after), where);
        }
      }
    },
  );
}

/** The call as a client makes it that sends a key. */
const withKey = (call: CreatingCall, world: CallWorld, gate: Gate, token: string) => {
  const ports = behind(world, [...PORTS, 'idempotency'], gate);
  return callOnce(ports)<unknown>({
    scope: SCOPE,
    token,
    fingerprint: call.name,
    work: ({ firstBegunAtMs }) =>
      call
        .make(attemptAt(ports, firstBegunAtMs))
        .map((body) => ({ status: 201, mediaType: 'application/json', headers: {}, body: JSON.stringify(body) })),
  });
};

for (const call of CREATING_CALLS) {
  repeated(`${call.name} with a key, interrupted anywhere, is done once, and its reply is given again`, async () => {
    const wholes = new Map<number, Awaited<ReturnType<typeof undisturbed>>>();
    const beginsLate = NOW_MS + CALL_HOLD_MS;
    for (const atMs of [NOW_MS, beginsLate]) wholes.set(atMs, await undisturbed(call, atMs));
    const seen = new Set<number>();
    for (const way of INTERRUPTIONS) {
      for (let at = 0; ; at++) {
        const where = `${way.kind} ${way.moment} call ${at}`;
        const world = await worldFor(call);
        const first = interrupting({ ...way, at });
        await Promise.race([withKey(call, world, first.gate, 'first'), first.died]);
        if (first.calls() <= at) break;
        world.clock.nowMs = beginsLate;
        const second = valueOf(await withKey(call, world, (make) => make(), 'second'));
        const third = valueOf(await withKey(call, world, (make) => make(), 'third'));
        assert.equal(third, { reply: second.reply, replayed: true }, where);
        // Where the first attempt did not even begin, the call is that of the second.
        const beganAtMs = at === 0 && way.moment === 'before' ? beginsLate : NOW_MS;
        const whole = wholes.get(beganAtMs)!;
        seen.add(beganAtMs);
        assert.is(second.reply.body, JSON.stringify(whole.reply), where);
        assert.equal(await kept(world), whole.before, where);
        assert.equal(await work(world), whole.worked, where);
        assert.equal(await kept(world), whole.after, where);
      }
    }
    assert.is(seen.size, 2);
  });
}

/** The worker's own ids depend on in how many goes it worked. */
const withoutAnalysisIds = ({ analyses, ...content }: Awaited<ReturnType<typeof kept>>) => ({
  ...content,
  analyses: analyses.map((text) => text.replace(/00000000-0000-4000-8000-\d{12}/g, 'an id')).toSorted(),
});

repeated(
  'however often and wherever attempts are interrupted, the last one ends in the state of one call',
  async () => {
    const wholes = await Promise.all(CREATING_CALLS.map((call) => undisturbed(call)));
    const anyInterruption: fc.Arbitrary<Interruption> = fc.record({
      kind: fc.constantFrom('dies' as const, 'fails' as const),
      moment: fc.constantFrom('before' as const, 'after' as const),
      at: fc.nat({ max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: CREATING_CALLS.length - 1 }),
        fc.array(anyInterruption, { minLength: 1, maxLength: 5 }),
        async (which, interruptions) => {
          const call = CREATING_CALLS[which]!;
          const whole = wholes[which]!;
          const world = await worldFor(call);
          for (const interruption of interruptions) await interruptedAttempt(call, world, interruption);
          assert.equal(valueOf(await unhindered(call, world)), whole.reply);
          assert.equal(await kept(world), whole.before);
          assert.equal(await work(world), whole.worked);
          assert.equal(await kept(world), whole.after);
        },
      ),
      { numRuns: 150 },
    );
  },
);

repeated('attempts at the same time, however their calls interleave, end in the state of one call', async () => {
  const wholes = await Promise.all(CREATING_CALLS.map((call) => undisturbed(call)));
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.nat({ max: CREATING_CALLS.length - 1 }),
      fc.integer({ min: 2, max: 3 }),
      async (scheduler, which, count) => {
        const call = CREATING_CALLS[which]!;
        const whole = wholes[which]!;
        const world = await worldFor(call);
        const gate =
          (who: number): Gate =>
          (make, name) =>
            ResultAsync.fromSafePromise<unknown, unknown>(
              scheduler.schedule(Promise.resolve(), `${who}: ${name}`),
            ).andThen(make);
        const attempts = Array.from({ length: count }, (_, who) => attempt(call, world, gate(who)));
        const replies = await scheduler.waitFor(Promise.all(attempts));
        for (const reply of replies) assert.equal(valueOf(reply), whole.reply);
        assert.equal(await kept(world), whole.before);
        assert.equal(await work(world), whole.worked);
        assert.equal(await kept(world), whole.after);
      },
    ),
    { numRuns: 200 },
  );
});

repeated.run();
