import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Whoever has been told to watch this process already. */
const WATCHED = new WeakSet<Registry>();

/**
 * Adds the customary metrics of a Node process (processor time, memory, event loop, garbage collection) to a registry,
 * once. Those that are counted by looking on are counted from now on.
 */
export function watchProcess(registry: Registry): void {
  if (WATCHED.has(registry)) return;
  WATCHED.add(registry);
  collectDefaultMetrics({ register: registry });
}
