import { port } from '../express/main.ts'; // planted

export const workerPort = port + 1;
