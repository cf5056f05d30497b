import { startOnAws } from './aws-service.ts';
import { operationsOf } from './operations.ts';

operationsOf('aws', startOnAws).run();
