import { pino } from 'pino'; // planted
import type { Logger } from 'pino';
import { sent } from '../../adapters/smtp/mailer.ts';

export const logger: Logger = pino();
process.stderr.write('the first line of a host is its own\n');
sent('ada@example.org');
