import { err, ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { FaultPlan } from './fault-plan.ts';
import { causeOf, isRetryable, type Fault } from './faults.ts';

/** The same port as its users see it, on a technology that fails as planned. */
export type FaultInjecting<Port extends object> = { readonly [Member in keyof Port]: Port[Member] };

/** The methods of a port that answer at once, and so cannot fail as a network does. */
export type PassingMethod<Port extends object> = {
  [Member in keyof Port]: Port[Member] extends (...args: never[]) => unknown
    ? Port[Member] extends (...args: never[]) => ResultAsync<unknown, unknown>
      ? never
      : Member
    : never;
}[keyof Port];

/**
 * Wraps a port whose methods answer with a `ResultAsync`. A call that the plan strikes answers what a sound adapter
 * answers then: `port-unavailable` under the port's name, with a cause as the technology words it; a timeout only after
 * the plan's deadline. Struck `before`, the port is not called; struck `after`, it is, and its answer, whatever it was, is
 * lost. Members that are no methods, and the methods in `passing`, are the port's own.
 */
export function faultInjecting<Port extends object>(
  portName: string,
  port: Port,
  plan: Pick<FaultPlan, 'next' | 'timing'>,
  passing: readonly PassingMethod<Port>[] = [],
): FaultInjecting<Port> {
  const untouched = new Set<PropertyKey>(passing);
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      // Bound to the port itself: a private field is not to be had through a proxy.
      const method = member.bind(target) as (...args: readonly unknown[]) => unknown;
      if (typeof name === 'symbol' || untouched.has(name)) return method;
      return (...args: readonly unknown[]): unknown => {
        const fault = plan.next(portName, name);
        if (fault === null) return method(...args);
        return new ResultAsync(struck(fault, plan, portName, name, () => method(...args)).then((error) => err(error)));
      };
    },
  });
}

async function struck(
  fault: Fault,
  { timing }: Pick<FaultPlan, 'timing'>,
  port: string,
  operation: string,
  call: () => unknown,
): Promise<PortUnavailable> {
  if (fault.moment === 'after') await call();
  if (fault.kind === 'timeout') await timing.wait(timing.deadlineMs);
  return portUnavailable(port, operation, causeOf(fault.kind, timing.deadlineMs), isRetryable(fault));
}
