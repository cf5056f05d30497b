import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoTable } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { startProxy } from '../../emulators/proxy.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import type { TableUnderTest } from '../../emulators/tables.ts';

/** What becomes of a write request; an unanswered one takes effect, and the connection breaks before its answer. */
export type WriteFate = 'made' | 'refused' | 'unanswered' | 'condition-failed';

const WRITES = /\.(PutItem|UpdateItem|DeleteItem|BatchWriteItem)$/;

const CONDITION_FAILED = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(
    JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
    }),
  ),
};

/** A view of a table whose write requests, counted from 0 and tried again once without waiting, meet these fates. */
export async function withFates<T>(
  { settings, name }: TableUnderTest,
  fateOf: (write: number) => WriteFate,
  work: (table: DynamoTable) => Promise<T>,
): Promise<{ readonly answer: T; readonly writes: number }> {
  const target = settings.endpointUrls.dynamodb;
  if (target === null) throw new Error('the table has no endpoint');
  let writes = 0;
  const proxy = await startProxy(target, async (request, forward) => {
    const isWrite = WRITES.test(String(request.headers['x-amz-target']));
    const fate = isWrite ? fateOf(writes++) : 'made';
    if (fate === 'refused') return null;
    if (fate === 'condition-failed') return CONDITION_FAILED;
    const answer = await forward(request);
    return fate === 'made' ? answer : null;
  });
  const caller = new AwsCaller({ mostTries: 2, wait: () => Promise.resolve() });
  const table = new DynamoTable(settingsFor({ dynamodb: proxy.endpointUrl }), name, caller);
  try {
    return { answer: await work(table), writes };
  } finally {
    table.close();
    await proxy.close();
  }
}

/**
 * Runs `attempt` with the connection gone from the k-th write on, for every k up to the number of writes that it makes;
 * `afterwards` looks at what is left each time.
 */
export async function dyingAtEveryWrite(
  under: TableUnderTest,
  attempt: (table: DynamoTable) => Promise<unknown>,
  afterwards: (survived: number) => Promise<void>,
): Promise<number> {
  for (let survived = 0; ; survived++) {
    const { writes } = await withFates(under, (write) => (write < survived ? 'made' : 'refused'), attempt);
    await afterwards(survived);
    if (writes <= survived) return writes;
  }
}

/** Runs `attempt` with the answer to the k-th write lost, for every k up to the number of writes that it makes. */
export async function losingEveryAnswer<T>(
  under: TableUnderTest,
  attempt: (table: DynamoTable) => Promise<T>,
  afterwards: (answer: T) => Promise<void>,
): Promise<number> {
  for (let lost = 0; ; lost++) {
    const { answer, writes } = await withFates(under, (write) => (write === lost ? 'unanswered' : 'made'), attempt);
    await afterwards(answer);
    if (writes <= lost) return writes;
  }
}
