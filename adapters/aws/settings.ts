/** The services that Clarity uses, each with an address of its own where it is not AWS's. */
export const AWS_SERVICES = ['dynamodb', 's3', 'sqs', 'sns', 'cognito', 'sts'] as const;
export type AwsService = (typeof AWS_SERVICES)[number];

/** Where AWS is. Credentials come from the SDK's default chain and from nowhere else. */
export interface AwsSettings {
  /** Null for the SDK's own default. */
  readonly region: string | null;
  /** Null for AWS itself; otherwise a compatible service. */
  readonly endpointUrls: Readonly<Record<AwsService, string | null>>;
}

/** How a client of the SDK is made. */
export interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly maxAttempts: number;
}

/** What every client of the SDK is made with; waiting and trying again is `AwsCaller`'s, so that it is done once. */
export function clientConfig({ region, endpointUrls }: AwsSettings, service: AwsService): ClientConfig {
  const endpoint = endpointUrls[service];
  return {
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts: 1,
  };
}
