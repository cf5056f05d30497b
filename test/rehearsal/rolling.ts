import { newPerson } from '../bench/http-people.ts';
import { aftermathOf, untilWorkIsDone, type Aftermath } from './aftermath.ts';
import { Balancer, QUICK_BALANCER, type BalancerCounts } from './balancer.ts';
import { mixedLoad, senderOf, type LoadCounts, type Sender } from './load.ts';
import { startTask, type Exit, type Task } from './tasks.ts';

export interface RollingOptions {
  /** Folders of the builds. */
  readonly oldBuild: string;
  readonly newBuild: string;
  readonly dataDir: string;
  readonly calls: number;
  /** How many people send, each over a connection of their own. */
  readonly people: number;
  /** How long a process answers on that was told to end; longer than the balancer needs to notice. */
  readonly shutdownDelayMs: number;
  readonly mostWaitForWorkMs: number;
  readonly say: (line: string) => void;
}

/** How a deployment went. */
export interface Rolled {
  readonly load: LoadCounts;
  readonly balancer: BalancerCounts;
  readonly exits: readonly Exit[];
  readonly aftermath: Aftermath;
  readonly seconds: number;
}

/** Calls that got no answer, or one that the balancer had to make up. */
export const droppedOf = ({ load, balancer }: Rolled): number =>
  load.requests - load.answers + balancer.broken + balancer.unserved;

/**
 * A deployment under load: two processes of the old version are replaced by two of the new one, one after the other as ECS does it
 * (the new one is healthy, the old one is taken out of the balancer, then told to end); and then one of the new ones is told to
 * end without anybody asking the balancer, which finds out by itself.
 */
export async function rollingDeployment(options: RollingOptions): Promise<Rolled> {
  const { oldBuild, newBuild, dataDir, calls, people, mostWaitForWorkMs, say } = options;
  const startedMs = performance.now();
  const balancer = new Balancer(QUICK_BALANCER);
  const url = await balancer.listen();
  const running = new Set<Task>();
  const start = async (name: string, build: string): Promise<Task> => {
    const task = await startTask(name, build, dataDir, { SHUTDOWN_DELAY_MS: String(options.shutdownDelayMs) });
    running.add(task);
    await balancer.register(name, task.url);
    say(`${name} answers`);
    return task;
  };
  const exits: Promise<Exit>[] = [];
  const tellToEnd = (task: Task): void => {
    running.delete(task);
    say(`${task.name} is told to end`);
    exits.push(
      task.end('SIGTERM').then((exit) => {
        balancer.remove(task.name);
        return exit;
      }),
    );
  };
  try {
    const first = await start('old-1', oldBuild);
    const second = await start('old-2', oldBuild);
    const senders = await manyPeople(url, people);
    let isOver = false;
    const loading = mixedLoad({
      url,
      senders,
      atLeast: calls,
      // Every connection comes to its upload twice, at least.
      callsARound: Math.max(people * 10, Math.ceil(calls / 16)),
      isOver: () => isOver,
    });
    const rolling = async (): Promise<void> => {
      const replaced: Task[] = [];
      for (const [i, old] of [first, second].entries()) {
        replaced.push(await start(`new-${String(i + 1)}`, newBuild));
        await balancer.deregister(old.name);
        tellToEnd(old);
      }
      const [lost] = replaced;
      if (lost === undefined) return;
      // Whoever ends it does not ask the balancer: it has to see for itself while the process answers on.
      tellToEnd(lost);
      await balancer.untilUnhealthy(lost.name);
      await start('new-3', newBuild);
      await Promise.all(exits);
    };
    const [load] = await Promise.all([
      loading,
      rolling().finally(() => {
        isOver = true;
      }),
    ]);
    say('all calls are answered; the work on the uploads goes on');
    await untilWorkIsDone(dataDir, senders, mostWaitForWorkMs);
    const aftermath = await aftermathOf(url, dataDir, senders);
    const ended = await Promise.all(exits);
    const seconds = (performance.now() - startedMs) / 1000;
    return { load, balancer: balancer.counts(), exits: ended, aftermath, seconds };
  } finally {
    await Promise.all([...running].map((task) => task.end('SIGKILL')));
    await balancer.close();
  }
}

/** One after the other: passwords are hashed slowly on purpose. */
export async function manyPeople(url: string, count: number): Promise<readonly Sender[]> {
  const senders: Sender[] = [];
  while (senders.length < count) senders.push(senderOf(await newPerson(url)));
  return senders;
}
