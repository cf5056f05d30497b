import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; // planted

export const client = new DynamoDBClient({});
