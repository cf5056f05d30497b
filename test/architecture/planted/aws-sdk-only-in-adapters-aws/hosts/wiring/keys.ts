import { KMSClient } from '@aws-sdk/client-kms'; // planted

export const client = new KMSClient({});
