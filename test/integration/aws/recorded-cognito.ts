import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { CognitoIdentityProvider } from '../../../adapters/aws/cognito/cognito-identity-provider.ts';
import { settingsFor, useTestCredentials } from '../../emulators/emulators.ts';

export const POOL_ID = 'us-east-1_AbCdEfGhI';
export const CLIENT_ID = '1234567890abcdefghijklmnop';

/** What comes back for one request: an answer, an error as AWS words it, or a connection that ends without either. */
export type Recorded =
  | { readonly ok: unknown }
  | { readonly error: string; readonly message?: string; readonly status?: number }
  | { readonly malformed: string }
  | 'lost';

/** A request as it came. */
export interface Asked {
  /** Such as `InitiateAuth`. */
  readonly operation: string;
  readonly body: unknown;
}

/**
 * A provider at an endpoint that answers what was recorded, in this order for each operation; the last answer is
 * repeated. An operation of which nothing was recorded is one that the test does not expect.
 */
export async function recordedCognito(recorded: Readonly<Record<string, Recorded | readonly Recorded[]>> = {}) {
  useTestCredentials();
  const answers = new Map<string, Recorded[]>();
  const record = (more: typeof recorded): void => {
    for (const [operation, given] of Object.entries(more)) {
      answers.set(operation, Array.isArray(given) ? [...(given as readonly Recorded[])] : [given as Recorded]);
    }
  };
  record(recorded);
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      asked.push({ operation, body: JSON.parse(text) as unknown });
      const left = answers.get(operation) ?? [];
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? { error: 'NotRecorded', message: operation };
      if (answer === 'lost') {
        request.socket.destroy();
        return;
      }
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if ('ok' in answer) response.end(JSON.stringify(answer.ok));
      else if ('malformed' in answer) response.end(answer.malformed);
      else {
        response.statusCode = answer.status ?? 400;
        response.end(JSON.stringify({ __type: answer.error, message: answer.message ?? answer.error }));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider = new CognitoIdentityProvider({
    settings: settingsFor({ cognito: endpoint }),
    userPoolId: POOL_ID,
    clientId: CLIENT_ID,
    caller: new AwsCaller({ wait: () => Promise.resolve(), mostTries: 3 }),
  });
  return {
    provider,
    record,
    asked,
    operations: () => asked.map(({ operation }) => operation),
    close: () =>
      new Promise<void>((resolve) => {
        provider.close();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
