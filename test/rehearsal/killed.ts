import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { aftermathOf, untilWorkIsDone, type Aftermath } from './aftermath.ts';
import { Balancer } from './balancer.ts';
import { acknowledge, newUpload, type Sender } from './load.ts';
import { manyPeople } from './rolling.ts';
import { startTask, type Exit, type Task } from './tasks.ts';

export interface KilledOptions {
  readonly build: string;
  readonly dataDir: string;
  readonly people: number;
  readonly uploads: number;
  /** A process is killed whenever so many more uploads have been acknowledged, and another one started. */
  readonly killEvery: number;
  readonly mostWaitForWorkMs: number;
  readonly say: (line: string) => void;
}

/** How clients fared that send again what was not answered. */
export interface Killed {
  readonly kills: readonly Exit[];
  /** Calls whose connection broke: what a client sees of a process that is gone. */
  readonly broken: number;
  /** Calls that were sent again, for whatever reason. */
  readonly repeated: number;
  readonly aftermath: Aftermath;
}

const PAUSE_MS = 50;

/**
 * Processes that are killed without a word while people upload. What is lost then is answers, and nothing else: each client
 * sends the same upload under the same key until it is answered, and afterwards it is there exactly once.
 */
export async function killedProcesses(options: KilledOptions): Promise<Killed> {
  const { build, dataDir, people, uploads, killEvery, mostWaitForWorkMs, say } = options;
  const balancer = new Balancer();
  const url = await balancer.listen();
  const running: Task[] = [];
  let started = 0;
  const start = async (): Promise<void> => {
    const name = `task-${String(++started)}`;
    const task = await startTask(name, build, dataDir);
    running.push(task);
    await balancer.register(name, task.url);
  };
  const kills: Exit[] = [];
  const kill = async (): Promise<void> => {
    const task = running.shift();
    if (task === undefined) return;
    kills.push(await task.end('SIGKILL'));
    say(`${task.name} was killed`);
    await start();
    balancer.remove(task.name);
  };
  try {
    await start();
    await start();
    const senders = await manyPeople(url, people);
    let [begun, done, repeated] = [0, 0, 0];
    let killing = Promise.resolve();
    const sendAll = async (sender: Sender): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (begun++ < uploads) {
        const { metric, body } = newUpload(sender);
        const key = randomUUID();
        let answer = await post(url, agent, sender, key, body);
        while (answer.status !== 201) {
          if (answer.status !== 409 && answer.status < 500) throw new Error(`${String(answer.status)} ${answer.text}`);
          repeated += 1;
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          answer = await post(url, agent, sender, key, body);
        }
        acknowledge(sender, metric, answer.text);
        if (++done % killEvery === 0 && done < uploads) killing = killing.then(kill);
      }
      agent.destroy();
    };
    await Promise.all(senders.map(sendAll));
    await killing;
    await untilWorkIsDone(dataDir, senders, mostWaitForWorkMs);
    const aftermath = await aftermathOf(url, dataDir, senders);
    return { kills, broken: balancer.counts().broken, repeated, aftermath };
  } finally {
    await Promise.all(running.map((task) => task.end('SIGKILL')));
    await balancer.close();
  }
}

function post(
  url: string,
  agent: Agent,
  { person }: Sender,
  key: string,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${person.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': key,
    };
    const request = httpRequest(`${url}/api/v1/health-data`, { agent, method: 'POST', headers });
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    request.end(body);
  });
}
