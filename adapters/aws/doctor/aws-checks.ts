import type { Clock } from '../../../core/kernel/clock.ts';
import { clockCheck, credentialsCheck } from './account-checks.ts';
import type { AwsResources } from '../settings.ts';
import { administrationCheck } from './administration-check.ts';
import type { AwsCheck } from './aws-check.ts';
import { bucketCheck } from './bucket-check.ts';
import { flagsCheck } from './flags-check.ts';
import { keysCheck, poolCheck, type Fetch } from './pool-checks.ts';
import { queueCheck, topicCheck } from './queue-checks.ts';
import { tableCheck } from './table-check.ts';

export interface AwsChecks {
  /** Without credentials the others that need some tell nothing. */
  readonly credentials: AwsCheck;
  readonly withCredentials: readonly AwsCheck[];
  readonly withoutCredentials: readonly AwsCheck[];
}

/** Everything in AWS that the service needs, one check a resource. */
export function awsChecks(
  resources: AwsResources,
  {
    clock,
    fetchUrl,
    flagsParameter = null,
  }: { readonly clock: Clock; readonly fetchUrl: Fetch; readonly flagsParameter?: string | null },
): AwsChecks {
  const { topicArn } = resources;
  return {
    credentials: credentialsCheck(resources),
    withCredentials: [
      tableCheck(resources),
      bucketCheck(resources),
      queueCheck(resources),
      ...(topicArn === null ? [] : [topicCheck(resources, topicArn)]),
      poolCheck(resources),
      administrationCheck(resources),
      ...(flagsParameter === null ? [] : [flagsCheck(resources, flagsParameter)]),
    ],
    withoutCredentials: [keysCheck(resources, fetchUrl), clockCheck(resources, clock, fetchUrl)],
  };
}
