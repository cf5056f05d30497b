import type { RedisClientType } from '@redis/client'; // planted

export type Client = RedisClientType;
