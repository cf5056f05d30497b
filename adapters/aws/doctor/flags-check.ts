import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fine, problem } from '../../../core/diagnosis/finding.ts';
import { readShares, writtenShares } from '../../../core/flags/read-shares.ts';
import { clientConfig, type AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { attempt } from './aws-fault.ts';

const SUBJECT = 'feature flags';

/** Whether the parameter of the feature flags can be read and understood. */
export const flagsCheck = ({ settings }: AwsResources, parameter: string): AwsCheck => ({
  subject: SUBJECT,
  run: async (abortSignal) => {
    const client = new SSMClient(clientConfig(settings, 'ssm'));
    try {
      const call = { subject: SUBJECT, action: 'ssm:GetParameter', resource: `the parameter ${parameter}` };
      const found = await attempt(call, abortSignal, () =>
        client.send(new GetParameterCommand({ Name: parameter }), { abortSignal }),
      );
      if (found.isErr()) return [found.error];
      return readShares(found.value?.Parameter?.Value ?? '').match(
        (shares) => [fine(SUBJECT, writtenShares(shares))],
        ({ part }) => [
          problem(
            SUBJECT,
            `the parameter ${parameter} is not understood at "${part}"`,
            'Give it a value such as auth:on,data:on,analysis:25%,insights:off.',
          ),
        ],
      );
    } finally {
      client.destroy();
    }
  },
});
