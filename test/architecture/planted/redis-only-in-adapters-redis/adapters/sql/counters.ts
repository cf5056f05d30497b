import { createClient } from '@redis/client'; // planted

export const client = createClient();
