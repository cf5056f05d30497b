import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../core/kernel/clock.ts';
import { fine, problem, warning } from '../../../core/diagnosis/finding.ts';
import { clientConfig } from '../settings.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { CLOCK_ADVICE, NO_CREDENTIALS } from './aws-fault.ts';
import type { Fetch } from './pool-checks.ts';

const CREDENTIALS = 'AWS credentials';
const CLOCK = 'clock';

/** Whether the SDK's own chain finds credentials at all; whether they are taken, every other check tells. */
export const credentialsCheck = ({ settings }: AwsResources): AwsCheck => ({
  subject: CREDENTIALS,
  run: async (abortSignal) => {
    const client = new DynamoDBClient(clientConfig(settings, 'dynamodb'));
    try {
      await client.config.credentials();
      return [fine(CREDENTIALS, 'credentials were found')];
    } catch {
      abortSignal.throwIfAborted();
      return [problem(CREDENTIALS, NO_CREDENTIALS, 'Give the task a role, or set up a profile or AWS_ACCESS_KEY_ID.')];
    } finally {
      client.destroy();
    }
  },
});

/** AWS refuses signatures that are more than five minutes off. */
const REFUSED_FROM_MS = 5 * 60_000;
const NOTABLE_FROM_MS = 30_000;

/** How far this machine's clock is from AWS's, by the date of an answer that needs no credentials. */
export const clockCheck = ({ settings }: AwsResources, clock: Clock, fetchUrl: Fetch): AwsCheck => ({
  subject: CLOCK,
  run: async (abortSignal) => {
    const region = settings.region ?? 'us-east-1';
    const endpoint = settings.endpointUrls.dynamodb ?? `https://dynamodb.${region}.amazonaws.com`;
    try {
      const askedMs = clock.now();
      const response = await fetchUrl(endpoint, { signal: abortSignal });
      const answeredMs = clock.now();
      const dateMs = Date.parse(response.headers.get('date') ?? '');
      if (Number.isNaN(dateMs)) {
        return [warning(CLOCK, `${endpoint} does not tell the time`, 'See that the clock is set by NTP.')];
      }
      // The header has whole seconds: the answer was sent some time during that second.
      const offMs = (askedMs + answeredMs) / 2 - (dateMs + 500);
      const off = `this machine's clock is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead of' : 'behind'} AWS's`;
      if (Math.abs(offMs) > REFUSED_FROM_MS)
        return [problem(CLOCK, `${off}, which refuses its requests`, CLOCK_ADVICE)];
      if (Math.abs(offMs) > NOTABLE_FROM_MS) return [warning(CLOCK, off, CLOCK_ADVICE)];
      return [fine(CLOCK, off)];
    } catch {
      abortSignal.throwIfAborted();
      return [problem(CLOCK, `${endpoint} cannot be reached`, 'Let this machine reach AWS, or correct the endpoint.')];
    }
  },
});
