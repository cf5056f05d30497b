import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { KmsKeyWrapper } from '../../adapters/aws/kms/key-wrapper.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';

/** What wraps the data keys of the profile `aws`. Loaded only where a KMS key is configured. */
export const kmsWrapper = (settings: AwsSettings, keyId: string): KmsKeyWrapper =>
  new KmsKeyWrapper({ settings, keyId, caller: new AwsCaller() });
