import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { randomIds } from '../../../adapters/node/ids.ts';
import { clockContract, digestContract, idsContract } from '../../contracts/platform.contract.ts';

clockContract('the system', systemClock);
idsContract('random', randomIds);
digestContract('the platform', nodeDigest);
