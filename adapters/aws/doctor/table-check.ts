import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type TableDescription,
  type TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { clientConfig } from '../settings.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { attempt, faultsOf, type AttemptedCall } from './aws-fault.ts';

const SUBJECT = 'DynamoDB table';
const INDEX = 'processing-id-index';
const TTL_ATTRIBUTE = 'ttl';
const CONDITION_FAILED = ['ConditionalCheckFailedException'];

/** The table: its keys, its index, its expiry, and everything that the service has to be allowed to do with it. */
export const tableCheck = ({ settings, tableName, ttlDays }: AwsResources): AwsCheck => ({
  subject: SUBJECT,
  run: async (abortSignal) => {
    const client = new DynamoDBClient(clientConfig(settings, 'dynamodb'));
    try {
      const [described, expiry, allowed] = await Promise.all([
        describe(client, tableName, abortSignal),
        ttlDays === null ? [] : expiryFindings(client, tableName, abortSignal),
        permissionFindings(client, tableName, abortSignal),
      ]);
      return [...described, ...expiry, ...allowed];
    } finally {
      client.destroy();
    }
  },
});

const callOf = (tableName: string, action: string, onlyToLook = false): AttemptedCall => ({
  subject: SUBJECT,
  action: `dynamodb:${action}`,
  resource: `the table ${tableName}`,
  onlyToLook,
});

async function describe(client: DynamoDBClient, name: string, abortSignal: AbortSignal): Promise<readonly Finding[]> {
  const described = await attempt(callOf(name, 'DescribeTable', true), abortSignal, () =>
    client.send(new DescribeTableCommand({ TableName: name }), { abortSignal }),
  );
  return described.match(
    (answer) => shapeFindings(name, answer?.Table ?? {}),
    (fault) => [fault],
  );
}

function shapeFindings(name: string, table: TableDescription): readonly Finding[] {
  const findings: Finding[] = [];
  const refuse = (message: string, advice: string): void => void findings.push(problem(SUBJECT, message, advice));
  const status = table.TableStatus ?? 'unknown';
  if (status === 'UPDATING') {
    findings.push(warning(SUBJECT, `${name} is being updated`, 'It can be used; look again once it is ACTIVE.'));
  } else if (status !== 'ACTIVE') refuse(`${name} is ${status}`, 'Wait until it is ACTIVE.');
  const keys = (table.KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName ?? ''} ${KeyType ?? ''}`);
  if (keys.join() !== 'pk HASH,sk RANGE') {
    refuse(`${name} has the keys ${keys.join(', ')} instead of pk HASH, sk RANGE`, 'Use the right table.');
  }
  const types = new Map(
    (table.AttributeDefinitions ?? []).map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
  );
  for (const attribute of ['pk', 'sk', 'processing_id']) {
    const type = types.get(attribute);
    if (type !== undefined && type !== 'S')
      refuse(`${attribute} of ${name} is ${type}, not a text`, 'Use the right table.');
  }
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === INDEX);
  if (index === undefined) {
    refuse(`${name} has no index ${INDEX}`, `Add it: HASH key processing_id (S), projection ALL.`);
  } else {
    if (index.IndexStatus !== 'ACTIVE')
      refuse(`${INDEX} is ${index.IndexStatus ?? 'unknown'}`, 'Wait until it is ACTIVE.');
    const hash = index.KeySchema?.map(({ AttributeName }) => AttributeName).join();
    if (hash !== 'processing_id') refuse(`${INDEX} has the key ${hash ?? 'unknown'}`, 'Its only key is processing_id.');
    if (index.Projection?.ProjectionType !== 'ALL') {
      refuse(`${INDEX} does not project all attributes`, 'Make it anew with the projection ALL.');
    }
  }
  return findings.length > 0 ? findings : [fine(SUBJECT, `${name} is ACTIVE, with its keys and ${INDEX}`)];
}

async function expiryFindings(
  client: DynamoDBClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<readonly Finding[]> {
  const described = await attempt(callOf(name, 'DescribeTimeToLive', true), abortSignal, () =>
    client.send(new DescribeTimeToLiveCommand({ TableName: name }), { abortSignal }),
  );
  return described.match(
    (answer) => [expiryFinding(name, answer?.TimeToLiveDescription ?? {})],
    (fault) => [fault],
  );
}

function expiryFinding(
  name: string,
  { TimeToLiveStatus: status, AttributeName: attribute }: TimeToLiveDescription,
): Finding {
  const isOn = status === 'ENABLED' || status === 'ENABLING';
  return isOn && attribute === TTL_ATTRIBUTE
    ? fine(SUBJECT, `${name} removes items by their attribute ${TTL_ATTRIBUTE}`)
    : problem(
        SUBJECT,
        `DYNAMODB_TTL_DAYS is set, and ${name} does not remove items by their attribute ${TTL_ATTRIBUTE}`,
        `Turn on Time to Live with the attribute ${TTL_ATTRIBUTE}, or unset DYNAMODB_TTL_DAYS.`,
      );
}

/** Calls about an item that nobody has; each write has a condition that it does not meet, or deletes what is not there. */
async function permissionFindings(
  client: DynamoDBClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<readonly Finding[]> {
  const key = { pk: { S: 'DOCTOR#probe' }, sk: { S: randomUUID() } };
  const item = { TableName: name, Key: key, ConditionExpression: 'attribute_exists(pk)' };
  const ofNobody = { ':id': { S: key.sk.S } };
  const send = { abortSignal };
  const probes: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['GetItem', () => client.send(new GetItemCommand({ TableName: name, Key: key }), send)],
    ['BatchGetItem', () => client.send(new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [key] } } }), send)],
    [
      'Query',
      () =>
        client.send(
          new QueryCommand({
            TableName: name,
            KeyConditionExpression: 'pk = :id',
            ExpressionAttributeValues: ofNobody,
            Limit: 1,
          }),
          send,
        ),
    ],
    [
      `Query (index ${INDEX})`,
      () =>
        client.send(
          new QueryCommand({
            TableName: name,
            IndexName: INDEX,
            KeyConditionExpression: 'processing_id = :id',
            ExpressionAttributeValues: ofNobody,
            Limit: 1,
          }),
          send,
        ),
    ],
    [
      'PutItem',
      () =>
        client.send(
          new PutItemCommand({ TableName: name, Item: key, ConditionExpression: item.ConditionExpression }),
          send,
        ),
    ],
    [
      'UpdateItem',
      () =>
        client.send(
          new UpdateItemCommand({
            ...item,
            UpdateExpression: 'SET probe = :id',
            ExpressionAttributeValues: ofNobody,
          }),
          send,
        ),
    ],
    ['DeleteItem', () => client.send(new DeleteItemCommand(item), send)],
    [
      'BatchWriteItem',
      () =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [name]: [{ DeleteRequest: { Key: key } }] } }), send),
    ],
  ];
  const attempts = await Promise.all(
    probes.map(([action, work]) =>
      // An index that is not there is told by the table's description.
      attempt(callOf(name, action), abortSignal, work, [
        ...CONDITION_FAILED,
        ...(action.includes(INDEX) ? ['ValidationException', 'ResourceNotFoundException'] : []),
      ]),
    ),
  );
  const found = faultsOf(attempts);
  return found.length > 0 ? found : [fine(SUBJECT, `${name} may be read and written`)];
}
